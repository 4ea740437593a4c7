import os

RECIPIENT = os.environ["RECIPIENT"]
