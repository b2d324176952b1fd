"""The library of post-mortems: searching, reading one, bringing files in."""
