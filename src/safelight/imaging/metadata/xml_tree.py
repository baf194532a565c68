"""The XML tree of a sidecar: parsing untrusted bytes, looking at namespaces, and writing it again.

The tree keeps prefixes, comments and processing instructions.
"""

from __future__ import annotations

from collections.abc import Iterator
from xml.dom import minidom
from xml.dom.minidom import Document as Document
from xml.dom.minidom import Element as Element
from xml.dom.minidom import Node

from safelight.core.errors import SidecarError
from safelight.imaging.metadata.xmp import MAX_DEPTH, MAX_XMP, deeper_than, without_padding

XMLNS = "http://www.w3.org/2000/xmlns/"
"""The namespace of declarations of namespaces."""


def parse(data: bytes) -> Document:
    """The document in ``data``. Raises SidecarError for what is too large, too deep, no XML or has a DTD."""
    from defusedxml import minidom as defused
    from defusedxml.common import DefusedXmlException

    if len(data) > MAX_XMP:
        raise SidecarError("It is too large.")
    try:
        document: Document = defused.parseString(without_padding(data), forbid_dtd=True)
    except (DefusedXmlException, SyntaxError, ValueError, LookupError, RecursionError) as error:
        raise SidecarError("It is not valid XMP.") from error
    except Exception as error:
        if type(error).__name__ == "ExpatError":
            raise SidecarError("It is not valid XMP.") from error
        raise
    top: list[Node] = [document]
    if deeper_than(MAX_DEPTH + 1, top, lambda node: node.childNodes):
        raise SidecarError("It is nested too deeply.")
    return document


def elements(node: Node) -> Iterator[Element]:
    """The elements directly below a node."""
    return (child for child in node.childNodes if isinstance(child, minidom.Element))


def text_of(element: Element) -> str:
    """The text directly in an element."""
    kinds = (Node.TEXT_NODE, Node.CDATA_SECTION_NODE)
    return "".join(str(child.nodeValue) for child in element.childNodes if child.nodeType in kinds)


def clear(element: Element) -> None:
    """Remove all that is in an element."""
    for child in list(element.childNodes):
        element.removeChild(child)


def remove(element: Element) -> None:
    """Remove an element with the white space before it, so that no empty line is left."""
    parent, before = element.parentNode, element.previousSibling
    if not isinstance(parent, minidom.Element):
        return
    if before is not None and before.nodeType == Node.TEXT_NODE and not str(before.nodeValue).strip():
        parent.removeChild(before)
    parent.removeChild(element)


def _declarations(element: Element) -> Iterator[tuple[str, str]]:
    """(prefix, namespace) of all declarations in scope, the innermost first."""
    node: Node | None = element
    while isinstance(node, minidom.Element):
        for attribute in node.attributes.values():
            if attribute.namespaceURI == XMLNS and attribute.prefix == "xmlns":
                yield str(attribute.localName), str(attribute.value)
        node = node.parentNode


def prefix_of(element: Element, namespace: str, default: str) -> str:
    """The prefix that is declared for a namespace at an element, or ``default``."""
    found: dict[str, str] = {}
    for prefix, space in _declarations(element):
        found.setdefault(prefix, space)
    return next((prefix for prefix, space in found.items() if space == namespace), default)


def is_bound(element: Element, prefix: str) -> bool:
    """Whether a prefix is declared at an element."""
    return any(each == prefix for each, _ in _declarations(element))


def serialise(document: Document) -> bytes:
    """The document in UTF-8. :meth:`Document.toxml` loses line breaks in attributes before Python 3.13."""
    parts: list[str] = []
    if document.version:  # it has an XML declaration
        parts.append('<?xml version="1.0" encoding="UTF-8"?>\n')
    for child in document.childNodes:
        _write(child, parts)
        parts.append("\n")
    return "".join(parts).encode("utf-8", "xmlcharrefreplace")


def _write(node: Node, parts: list[str]) -> None:
    if isinstance(node, minidom.Element):
        parts.append(f"<{node.tagName}")
        parts += (
            f' {attribute.name}="{_escaped(attribute.value, in_attribute=True)}"'
            for attribute in node.attributes.values()
        )
        if not node.childNodes:
            parts.append("/>")
            return
        parts.append(">")
        for child in node.childNodes:
            _write(child, parts)
        parts.append(f"</{node.tagName}>")
    elif isinstance(node, minidom.CDATASection):
        parts.append(f"<![CDATA[{node.data}]]>")
    elif isinstance(node, minidom.Text):
        parts.append(_escaped(node.data, in_attribute=False))
    elif isinstance(node, minidom.Comment):
        parts.append(f"<!--{node.data}-->")
    elif isinstance(node, minidom.ProcessingInstruction):
        parts.append(f"<?{node.target} {node.data}?>")


def _escaped(text: str, *, in_attribute: bool) -> str:
    text = text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;").replace("\r", "&#13;")
    if in_attribute:
        text = text.replace('"', "&quot;").replace("\n", "&#10;").replace("\t", "&#9;")
    return text
