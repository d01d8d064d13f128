"""The text of a file that an office wrote in whatever editor it has. Pure."""

from __future__ import annotations

from alerts.template_files.faults import BadTemplate, TemplateFault


def text_of(content: bytes | str, file: str, most: int) -> str:
    """The text, without a byte-order mark, with lines ended as ours.

    :param most: so many bytes (of a text: characters) at most.
    :raises BadTemplate: TOO_LARGE, or NOT_TEXT with the line of the first byte that is no UTF-8.
    """
    if len(content) > most:
        raise BadTemplate(TemplateFault.TOO_LARGE, file, 1, most=most)
    text = content if isinstance(content, str) else _decoded(content, file)
    return text.removeprefix("\ufeff").replace("\r\n", "\n")


def _decoded(content: bytes, file: str) -> str:
    try:
        return content.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        line = content[: error.start].count(b"\n") + 1
        raise BadTemplate(TemplateFault.NOT_TEXT, file, line) from None
