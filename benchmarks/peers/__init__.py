"""The peers we are measured beside, each with the settings its own documentation gives."""
