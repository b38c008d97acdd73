"""What codes and views are called. No numpy here: whoever only names them need not load it."""

ALGORITHM = "phash-256"
VERSION = 2
CODE_BYTES = 32
# Local features, and the same of a picture seen in a mirror (kept for registered pictures only).
FEATURES, MIRRORED = "orb-256", "orb-256-mirrored"
FEATURES_VERSION = 2
# What is heard (`landmarks`).
LANDMARKS, LANDMARKS_VERSION = "landmarks", 1
# Positions of features are told in pixels of a picture of this width, whatever the picture's own.
CANON = 640

# Picture aspect ratios that mattes and pillars are cut to (SMPTE RP 187 and common practice).
ASPECTS = (1.33, 1.66, 1.78, 1.85, 2.0, 2.2, 2.39)
ACTIVE, WHOLE, UNTURNED, OTHER_TRACK, FIRST_MATTE = 0, 1, 2, 3, 4
VIEW_NAMES = (
    "the whole picture",
    "the whole frame",
    "turned by its display flag",
    "in another picture track",
    *(f"matted to {aspect}" for aspect in ASPECTS),
)
