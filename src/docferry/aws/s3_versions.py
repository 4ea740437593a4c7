"""Reads ListObjectVersions, which shows noncurrent versions and delete markers too."""

import xml.etree.ElementTree as ET
from collections.abc import Iterator
from urllib.parse import unquote_plus

from docferry.aws import s3_xml
from docferry.survey_port import VersionMark, VersionPage


def versions_query(position: VersionMark | None, prefix: str) -> dict[str, str]:
    """Return the query of one page, keys URL-encoded because XML cannot carry all of them."""
    query = {"versions": "", "encoding-type": "url", "prefix": prefix}
    if position:
        query |= {"key-marker": position.key, "version-id-marker": position.version}
    return query


def version_page(body: bytes) -> VersionPage:
    """Add up one answer. Stores that encode no keys (the embedded AWS) do not say that they did.

    Raises Retryable for what is no XML.
    """
    root = s3_xml.parse(body)
    noncurrent = [one for one in _children(root, "Version") if _text(one, "IsLatest") != "true"]
    return VersionPage(
        noncurrent=len(noncurrent),
        noncurrent_bytes=sum(int(_text(one, "Size") or 0) for one in noncurrent),
        delete_markers=sum(1 for _ in _children(root, "DeleteMarker")),
        position=_position(root) if _text(root, "IsTruncated") == "true" else None,
    )


def _position(root: ET.Element) -> VersionMark:
    key = _text(root, "NextKeyMarker")
    encoded = _text(root, "EncodingType") == "url"
    return VersionMark(unquote_plus(key) if encoded else key, _text(root, "NextVersionIdMarker"))


def _children(element: ET.Element, name: str) -> Iterator[ET.Element]:
    return (one for one in element if one.tag.rpartition("}")[2] == name)


def _text(element: ET.Element, name: str) -> str:
    return next((one.text or "" for one in _children(element, name)), "")
