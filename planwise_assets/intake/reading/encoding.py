"""The bytes of a text file as UTF-8, and in one line what they were.

Belongs here: byte order marks, UTF-16, one-byte encodings. Does not: lines and fields.
"""

from __future__ import annotations

import codecs

from planwise_assets.intake.reading.table import CensusError

#: Marks first to last: that of UTF-32 begins with that of UTF-16.
_MARKS = (
    (codecs.BOM_UTF8, "utf-8-sig", "UTF-8 with a byte order mark"),
    (codecs.BOM_UTF32_LE, "utf-32", "UTF-32"),
    (codecs.BOM_UTF32_BE, "utf-32", "UTF-32"),
    (codecs.BOM_UTF16_LE, "utf-16", "UTF-16"),
    (codecs.BOM_UTF16_BE, "utf-16", "UTF-16"),
)
#: What offices write where it is not UTF-8. One-byte encodings of one script cannot be told apart by a few letters, so the
#: commonest of them is asked first.
_OFFICE = ["cp1252", "cp1250", "cp1251", "cp1253", "cp1254", "cp932", "gb18030", "big5", "cp949", "mac_roman", "cp850"]
_NAMES = {"cp1252": "Windows-1252", "cp1250": "Windows-1250", "cp1251": "Windows-1251", "cp932": "Shift-JIS"}
_LOOKED_AT = 200_000


def as_utf8(content: bytes, file: str) -> tuple[bytes, str | None]:
    """The same text in UTF-8 without a mark.

    Args:
        content: The whole file.
        file: Its name, for messages.

    Returns:
        The text, and what to say of the encoding; None where it is plain UTF-8.

    Raises:
        CensusError: The bytes are no text.
    """
    for mark, encoding, name in _MARKS:
        if content.startswith(mark):
            return _decoded(content, encoding, file).encode(), None if encoding == "utf-8-sig" else f"Read as {name}."
    sample = content[:2000]
    if sample.count(0) * 3 > len(sample):
        order = "utf-16-le" if content[1:2] == b"\0" else "utf-16-be"
        return _decoded(content, order, file).encode(), "Read as UTF-16."
    if b"\0" in content:
        raise CensusError(
            f"Census {file} cannot be read: it is no text (byte 0 at {content.index(0):,}). Export it again as .csv, .xlsx "
            "or .parquet, with the ending that says which."
        )
    try:
        content.decode()
    except UnicodeDecodeError:
        return _of_an_office(content, file)
    return content, None


def _of_an_office(content: bytes, file: str) -> tuple[bytes, str]:
    from charset_normalizer import from_bytes  # noqa: PLC0415 - every command would pay for its tables

    lines = [line for line in content.split(b"\n") if not line.isascii()]
    strange = b"\n".join(lines)[:_LOOKED_AT]
    best = from_bytes(strange, cp_isolation=_OFFICE, threshold=0.5, preemptive_behaviour=False).best()
    encoding = best.encoding if best is not None else "cp1252"
    if encoding != "cp1252" and _is_western(strange):
        encoding = "cp1252"
    try:
        text = content.decode(encoding)
    except UnicodeDecodeError:
        encoding, text = "latin-1", content.decode("latin-1")
    _refuse_control(text, file)
    shown = lines[0].decode(encoding, errors="replace").strip()
    word = next((word for word in shown.replace(",", " ").replace(";", " ").split() if not word.isascii()), shown)
    return text.encode(), f"Read as {_NAMES.get(encoding, encoding)}, which makes a name of the file {word[:30]!r}."


def _is_western(strange: bytes) -> bool:
    """Whether the text makes sense as Windows-1252: its strange characters are letters within words, or signs of money."""
    try:
        text = strange.decode("cp1252")
    except UnicodeDecodeError:
        return False
    odd = [character for character in text if not character.isascii()]
    common = sum(character in "äöüÄÖÜßéèêëáàâãåçñíìîïóòôõúùûýÿøæœÉÈÁÀÂÃÅÇÑÍÓÔÕÚØÆ’‘“”–—€£§°\u00a0" for character in odd)
    return common >= 0.9 * len(odd)


def _decoded(content: bytes, encoding: str, file: str) -> str:
    try:
        text = content.decode(encoding)
    except UnicodeDecodeError as error:
        raise CensusError(
            f"Census {file} cannot be read: it begins as {encoding.upper()} and is damaged at byte {error.start:,}. "
            "Export it again."
        ) from None
    _refuse_control(text, file)
    return text.lstrip("\ufeff")


def _refuse_control(text: str, file: str) -> None:
    controls = sum(text.count(chr(code)) for code in (*range(9), *range(14, 28)))
    if controls:
        raise CensusError(
            f"Census {file} cannot be read: it is no text (it holds {controls:,} control characters). Export it again as "
            ".csv, .xlsx or .parquet, with the ending that says which."
        )
