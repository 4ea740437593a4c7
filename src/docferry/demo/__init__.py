"""The main job on the embedded AWS, with real documents and live writers, judged by an oracle outside it."""
