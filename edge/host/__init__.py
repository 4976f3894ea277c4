"""What either end asks of the machine that it runs on: durable files, a broker that answers, findings in plain words."""
