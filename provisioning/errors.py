"""What can go wrong while a device or a broker is provisioned, in one line a person can act on."""


class ProvisioningError(Exception):
    """Something is not provisioned; the message says what to do."""
