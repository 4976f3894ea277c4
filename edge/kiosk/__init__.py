"""Certificate kiosk on the device: what can be had, why not, supplies and sessions; never who came."""
