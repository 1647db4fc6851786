import logging
import time


class RecordMaker:
    """Makes log records of the level INFO, without a message, for one logger.

    `Logger.info` looks for its caller and asks for the process and the thread, again for each
    record: that takes longer than the whole line. Here they are asked once.
    A logger class or a record factory of the application's own is used as it is.
    """

    def __init__(self, logger: logging.Logger) -> None:
        self._logger = logger
        self._quick = (
            logging.getLogRecordFactory() is logging.LogRecord
            and type(logger).makeRecord is logging.Logger.makeRecord
        )
        first = self._make_slowly()
        self._attributes = vars(first)
        self._start = first.created - first.relativeCreated / 1000

    def make(self) -> logging.LogRecord:
        """Give a new record of this moment."""
        if not self._quick:
            return self._make_slowly()
        record = logging.LogRecord.__new__(logging.LogRecord)
        record.__dict__ = attributes = self._attributes.copy()
        attributes["created"] = now = time.time()
        attributes["msecs"] = now % 1 * 1000 // 1
        attributes["relativeCreated"] = (now - self._start) * 1000
        return record

    def _make_slowly(self) -> logging.LogRecord:
        return self._logger.makeRecord(
            self._logger.name, logging.INFO, __file__, 0, "", (), None, "log"
        )
