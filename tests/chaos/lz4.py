"""LZ4 frames, by the library that librdkafka needs itself."""
import ctypes

VERSION = 100
ROOM = 1 << 18

library = ctypes.CDLL("liblz4.so.1")
library.LZ4F_decompress.restype = ctypes.c_size_t
library.LZ4F_isError.argtypes = [ctypes.c_size_t]
library.LZ4F_freeDecompressionContext.argtypes = [ctypes.c_void_p]


def unpack(frame):
    """The bytes that a frame holds."""
    context = ctypes.c_void_p()
    library.LZ4F_createDecompressionContext(ctypes.byref(context), VERSION)
    room, whole, at = ctypes.create_string_buffer(ROOM), bytearray(), 0
    try:
        while True:
            made = ctypes.c_size_t(ROOM)
            used = ctypes.c_size_t(len(frame) - at)
            wants = library.LZ4F_decompress(
                context, room, ctypes.byref(made), frame[at:],
                ctypes.byref(used), None)
            if library.LZ4F_isError(wants) or not (used.value or made.value):
                raise ValueError("a broken LZ4 frame")
            whole += memoryview(room)[:made.value]
            at += used.value
            if wants == 0:
                return bytes(whole)
    finally:
        library.LZ4F_freeDecompressionContext(context)
