"""Part sizes of multipart objects after a restart.

ministack saves them with the versions but loads the latest object without, so that GetObjectAttributes and HEAD
with partNumber no longer tell the parts, and a copy in parts cannot keep its boundaries.
"""

from ministack.services import s3

from docferry.sandbox.patches import seam


def apply() -> None:
    """Give the loaded objects what their latest versions say: objects are loaded when the module is imported."""
    seam.values(s3, "_buckets", "_object_versions")
    for (account, bucket_name), bucket in s3._buckets._data.items():
        for key, held in bucket["objects"].items():
            versions = s3._object_versions._data.get((account, (bucket_name, key)), ())
            for one in versions:
                if one["version_id"] == held.get("version_id") and one.get("parts"):
                    held["parts"] = one["parts"]
