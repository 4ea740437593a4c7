"""Reads and writes the XML that S3 speaks."""

import xml.etree.ElementTree as ET
from collections.abc import Mapping, Sequence
from datetime import datetime
from urllib.parse import unquote_plus

from docferry.domain.document import Listed
from docferry.ports import ListingPage

_S3 = "{http://s3.amazonaws.com/doc/2006-03-01/}"


def listing_page(body: bytes) -> ListingPage:
    """Read a ListObjectsV2 answer that was asked for with encoding-type=url."""
    root = ET.fromstring(body)
    rows = tuple(_listed(one) for one in root.iter(f"{_S3}Contents"))
    return ListingPage(rows, root.findtext(f"{_S3}IsTruncated") == "true")


def _listed(row: ET.Element) -> Listed:
    return Listed(
        key=unquote_plus(row.findtext(f"{_S3}Key", "")),
        etag=row.findtext(f"{_S3}ETag", "").strip('"'),
        size=int(row.findtext(f"{_S3}Size", "0")),
        modified=datetime.fromisoformat(row.findtext(f"{_S3}LastModified", "")).timestamp(),
        storage_class=row.findtext(f"{_S3}StorageClass", "STANDARD"),
    )


def tags(body: bytes) -> dict[str, str]:
    """Read a GetObjectTagging answer."""
    root = ET.fromstring(body)
    return {_text(one, "Key"): _text(one, "Value") for one in root.iter() if _name(one) == "Tag"}


def tagging(held: Mapping[str, str]) -> bytes:
    """Write a PutObjectTagging body."""
    root = ET.Element("Tagging")
    tag_set = ET.SubElement(root, "TagSet")
    for name, value in held.items():
        tag = ET.SubElement(tag_set, "Tag")
        ET.SubElement(tag, "Key").text = name
        ET.SubElement(tag, "Value").text = value
    return ET.tostring(root)


def completion(etags: Sequence[str]) -> bytes:
    """Write a CompleteMultipartUpload body from the ETags of parts 1, 2, …"""
    root = ET.Element("CompleteMultipartUpload")
    for number, etag in enumerate(etags, 1):
        part = ET.SubElement(root, "Part")
        ET.SubElement(part, "PartNumber").text = str(number)
        ET.SubElement(part, "ETag").text = etag
    return ET.tostring(root)


def text_of(body: bytes, name: str) -> str:
    """Return the text of the first element of that name, or nothing."""
    return _text(ET.fromstring(body), name)


def part_sizes(body: bytes) -> list[int]:
    """Read the sizes of the parts, in order, from a GetObjectAttributes answer; empty where AWS gives none."""
    parts = [one for one in ET.fromstring(body).iter() if _name(one) == "Part"]
    numbered = sorted((int(_text(one, "PartNumber")), int(_text(one, "Size"))) for one in parts)
    return [size for _, size in numbered]


def is_error(body: bytes) -> bool:
    """Tell whether a body is an error: S3 may send one after it has already said 200
    (https://docs.aws.amazon.com/AmazonS3/latest/API/API_CopyObject.html)."""
    return not body.strip() or _name(ET.fromstring(body)) == "Error"


def _name(element: ET.Element) -> str:
    return element.tag.rpartition("}")[2]


def _text(element: ET.Element, name: str) -> str:
    return next((one.text or "" for one in element.iter() if _name(one) == name), "")
