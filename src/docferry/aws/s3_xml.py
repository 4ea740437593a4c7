"""Reads and writes the XML that S3 speaks."""

import re
import xml.etree.ElementTree as ET
from collections.abc import Mapping, Sequence
from datetime import datetime
from itertools import zip_longest
from typing import NamedTuple
from urllib.parse import unquote_plus

from docferry.domain.document import Listed
from docferry.domain.errors import Retryable

_S3 = "{http://s3.amazonaws.com/doc/2006-03-01/}"
_NOT_IN_XML = re.compile(
    rb"&#(?:x(?P<hex>[0-9a-fA-F]{1,8})|(?P<decimal>[0-9]{1,10}));|[\x00-\x08\x0b\x0c\x0e-\x1f]|\xef\xbf[\xbe\xbf]"
)

_GOOD_ENDS = (b"</CopyObjectResult>", b"</CopyPartResult>", b"</CompleteMultipartUploadResult>")


def parse(body: bytes, *, exact: bool = False) -> ET.Element:
    """Read any XML body. Raises Retryable for what is no XML: an answer that was cut off, or a proxy's page.

    S3 writes keys with characters that XML 1.0 cannot hold as references to them, such as `&#x1;`
    (https://docs.aws.amazon.com/AmazonS3/latest/userguide/object-keys.html), other stores write them raw. They are
    left out unless `exact`, which is for bodies whose keys matter: those are asked for with encoding-type=url.
    """
    body = body.strip()
    try:
        return ET.fromstring(body)
    except ET.ParseError as error:
        if exact:
            raise Retryable(f"an answer is no XML: {error}") from error
    return parse(_NOT_IN_XML.sub(_kept, body), exact=True)


def _kept(found: re.Match[bytes]) -> bytes:
    if not found["hex"] and not found["decimal"]:
        return b""
    point = int(found["hex"], 16) if found["hex"] else int(found["decimal"])
    plane = 0x20 <= point < 0xD800 or 0xE000 <= point < 0xFFFE or 0x10000 <= point < 0x110000
    return found[0] if plane or point in (0x9, 0xA, 0xD) else b""


class Listing(NamedTuple):
    """One ListObjectsV2 answer. `token` goes on where there are more."""

    rows: tuple[Listed, ...]
    more: bool
    token: str


def listing_page(body: bytes) -> Listing:
    """Read a ListObjectsV2 answer that was asked for with encoding-type=url.

    Stores that do not know the parameter do not say that they encoded the keys.
    """
    root = parse(body, exact=True)
    encoded = root.findtext(f"{_S3}EncodingType") == "url"
    return Listing(
        rows=tuple(_listed(one, encoded=encoded) for one in root.iter(f"{_S3}Contents")),
        more=root.findtext(f"{_S3}IsTruncated") == "true",
        token=root.findtext(f"{_S3}NextContinuationToken", ""),
    )


def _listed(row: ET.Element, *, encoded: bool) -> Listed:
    key = row.findtext(f"{_S3}Key", "")
    return Listed(
        key=unquote_plus(key) if encoded else key,
        etag=row.findtext(f"{_S3}ETag", "").strip('"'),
        size=int(row.findtext(f"{_S3}Size", "0")),
        modified=datetime.fromisoformat(row.findtext(f"{_S3}LastModified", "")).timestamp(),
        storage_class=row.findtext(f"{_S3}StorageClass", "STANDARD"),
    )


def tags(body: bytes) -> dict[str, str]:
    """Read a GetObjectTagging answer."""
    return {_text(one, "Key"): _text(one, "Value") for one in parse(body).iter() if _name(one) == "Tag"}


def tagging(held: Mapping[str, str]) -> bytes:
    """Write a PutObjectTagging body."""
    root = ET.Element("Tagging")
    tag_set = ET.SubElement(root, "TagSet")
    for name, value in held.items():
        tag = ET.SubElement(tag_set, "Tag")
        ET.SubElement(tag, "Key").text = name
        ET.SubElement(tag, "Value").text = value
    return ET.tostring(root)


def completion(etags: Sequence[str], algorithm: str = "", checksums: Sequence[str] = ()) -> bytes:
    """Write a CompleteMultipartUpload body from the ETags of parts 1, 2, …

    An upload that was created with a checksum `algorithm` of kind COMPOSITE is completed only with the checksum of
    each part (https://docs.aws.amazon.com/AmazonS3/latest/API/API_CompletedPart.html); empty ones are left out.
    """
    root = ET.Element("CompleteMultipartUpload")
    for number, (etag, checksum) in enumerate(zip_longest(etags, checksums, fillvalue=""), 1):
        part = ET.SubElement(root, "Part")
        ET.SubElement(part, "PartNumber").text = str(number)
        ET.SubElement(part, "ETag").text = etag
        if checksum:
            ET.SubElement(part, f"Checksum{algorithm}").text = checksum
    return ET.tostring(root)


def text_of(body: bytes, name: str) -> str:
    """Return the text of the first element of that name, or nothing."""
    return _text(parse(body), name)


class PartsPage(NamedTuple):
    """Sizes in bytes by part number, and the marker to go on after, empty at the end. `etag` is the document's."""

    etag: str
    sizes: dict[int, int]
    marker: str


def parts_page(body: bytes) -> PartsPage:
    """Read one page of a GetObjectAttributes answer; no sizes where AWS gives none."""
    root = parse(body)
    parts = [one for one in root.iter() if _name(one) == "Part"]
    return PartsPage(
        etag=_text(root, "ETag").strip('"'),
        sizes={int(_text(one, "PartNumber")): int(_text(one, "Size")) for one in parts},
        marker=_text(root, "NextPartNumberMarker") if _text(root, "IsTruncated") == "true" else "",
    )


def is_error(body: bytes) -> bool:
    """Tell whether a body is an error: S3 may send one after it has already said 200
    (https://docs.aws.amazon.com/AmazonS3/latest/API/API_CopyObject.html)."""
    # An answer that ends as a good one does is good: to parse each would take a tenth of a copy's CPU time.
    return not body.endswith(_GOOD_ENDS) and (not body.strip() or _name(parse(body)) == "Error")


def _name(element: ET.Element) -> str:
    return element.tag.rpartition("}")[2]


def _text(element: ET.Element, name: str) -> str:
    return next((one.text or "" for one in element.iter() if _name(one) == name), "")
