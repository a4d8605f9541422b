"""One reader of alerts in files and streams, whatever they are written in.

JSON over one line or many, arrays, envelopes, JSON lines, lines of CEF and LEEF, CSV with a header
line, each gzipped or not, in UTF-8 or UTF-16 with a byte order mark. A stream is taken apart into
pieces, each of which one queue message may hold; what is in a piece, `ingest_alert.reading` reads.
Memory holds one piece and a window, never the stream.
"""

from shared.pieces.piece import Fault, Piece
from shared.pieces.reading import read_pieces

__all__ = ["Fault", "Piece", "read_pieces"]
