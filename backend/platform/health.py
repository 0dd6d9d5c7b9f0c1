"""Whether this server could take a visit right now."""

import os
import shutil
from typing import Any

from backend.platform import blobs, ledger
from backend.platform.errors import UnavailableError


class BlobsReadOnlyError(UnavailableError):
    """The folder of the photos is not there or cannot be written."""

    code = "blobs-read-only"
    title = "Photos cannot be stored"
    title_zh = "照片无法存储"
    detail = "The folder for photos cannot be written; try again in {retry_after_s} seconds."
    detail_zh = "照片目录不可写，请在 {retry_after_s} 秒后重试。"


def check() -> dict[str, Any]:
    """Return the sealed head of the ledger and the room left for photos, in bytes.

    Raises BlobsReadOnlyError, or the database's own error when it does not answer.
    """
    head = ledger.head()
    if not os.access(blobs.root() / "incoming", os.W_OK):
        raise BlobsReadOnlyError(retry_after_s=30)
    return {
        "ledger_seq": head.seq,
        "ledger_hash": head.hash,
        "free_bytes": shutil.disk_usage(blobs.root()).free,
    }
