"""
Records of police.uk from local files: monthly CSVs, zips of them, saved answers of its API.

``read`` takes any mix of files and folders and says what became of every row. The parts:
``archive`` opens zips safely, ``find`` says which members are wanted, ``street_csv`` and
``api_json`` read one member, ``rows`` holds what both share, ``duplicates`` decides what was
published twice, ``revisions`` what changed in between, ``reader`` puts them together and
balances the account.
"""

from hotspots.sources.police_uk.reader import PoliceRecords, Supply, read
from hotspots.sources.police_uk.rows import UNKNOWN_TYPE

__all__ = ["UNKNOWN_TYPE", "PoliceRecords", "Supply", "read"]
