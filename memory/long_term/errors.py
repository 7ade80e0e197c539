"""What can go wrong in long-term memory."""


class LongTermError(Exception):
    """Base of the named errors of long-term memory."""


class IndexUnavailable(LongTermError):
    """The index cannot be opened or asked: locked by another process, damaged, or closed."""


class IndexFull(IndexUnavailable):
    """There is not enough room on the disk to write to the index; nothing was written."""


class SpaceMismatch(LongTermError):
    """Vectors of another space than the index holds; nothing was written."""


class EmbedderUnavailable(LongTermError):
    """The embedding model does not answer, or answers what cannot be used; the message says which."""
