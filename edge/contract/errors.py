"""What can be wrong with a message, each with the words an operator reads in the quarantine."""


class ContractError(ValueError):
    """A message or a value does not keep the contract."""


class TopicError(ContractError):
    """A topic or a device name is not of the contract's form."""


class HeaderError(ContractError):
    """A batch or a blob chunk cannot be attributed: its header is unreadable or its checksum is wrong."""


class RecordError(ContractError):
    """One record is refused; its neighbours are not."""


class LimitError(ContractError):
    """Something is larger than the contract allows; the message states the limit."""
