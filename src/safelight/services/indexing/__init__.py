"""From folders to rows: scanning, watching, decoding, encoding."""
