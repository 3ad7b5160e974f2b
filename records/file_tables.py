"""The table of files."""

from sqlalchemy import BigInteger, CheckConstraint, Column, LargeBinary, Table, Text

from records.tables import metadata, newest, owned

files = Table(
    "files",
    metadata,
    Column("id", Text, primary_key=True),
    *owned(),
    Column("purpose", Text, nullable=False),
    Column("filename", Text, nullable=False),
    Column("type", Text, nullable=False),
    Column("size", BigInteger, nullable=False),
    Column("content", LargeBinary, nullable=False),
    CheckConstraint("size = octet_length(content) AND size > 0", name="files_size"),
    newest("files"),
)
