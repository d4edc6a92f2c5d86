"""Edwards25519 in plain integers (RFC 8032 section 5.1), to construct signatures that no signer would."""

import hashlib

P = 2**255 - 19
L = 2**252 + 27742317777372353535851937790883648493
D = -121665 * pow(121666, P - 2, P) % P
Point = tuple[int, int]

IDENTITY: Point = (0, 1)


def add(a: Point, b: Point) -> Point:
    (x1, y1), (x2, y2) = a, b
    product = D * x1 * x2 * y1 * y2
    x3 = (x1 * y2 + x2 * y1) * pow(1 + product, P - 2, P)
    y3 = (y1 * y2 + x1 * x2) * pow(1 - product, P - 2, P)
    return x3 % P, y3 % P


def multiply(scalar: int, point: Point) -> Point:
    result = IDENTITY
    while scalar:
        if scalar & 1:
            result = add(result, point)
        point, scalar = add(point, point), scalar >> 1
    return result


def x_of(y: int) -> int | None:
    """The even root, or None when no point has this y."""
    square = (y * y - 1) * pow(D * y * y + 1, P - 2, P) % P
    root = pow(square, (P + 3) // 8, P)
    if root * root % P != square:
        root = root * pow(2, (P - 1) // 4, P) % P
    if root * root % P != square:
        return None
    return root if root % 2 == 0 else P - root


def base() -> Point:
    y = 4 * pow(5, P - 2, P) % P
    x = x_of(y)
    assert x is not None
    return x, y


def encode(point: Point) -> bytes:
    x, y = point
    return (y | (x & 1) << 255).to_bytes(32, "little")


def every_encoding(point: Point) -> set[bytes]:
    """The canonical one; with y + p where that fits 255 bits; with either sign bit where x is 0."""
    x, y = point
    ys = [value for value in (y, y + P) if value < 2**255]
    signs = (0, 1) if x == 0 else (x & 1,)
    return {(value | sign << 255).to_bytes(32, "little") for value in ys for sign in signs}


def torsion() -> set[Point]:
    """The eight points whose order divides 8."""
    y = 2
    while True:
        x = x_of(y)
        if x is not None:
            generator = multiply(L, (x, y))
            points = {multiply(n, generator) for n in range(8)}
            if len(points) == 8:
                return points
        y += 1


def secret_scalar(seed: bytes) -> int:
    digest = bytearray(hashlib.sha512(seed).digest()[:32])
    digest[0] &= 248
    digest[31] = digest[31] & 127 | 64
    return int.from_bytes(digest, "little")


def challenge(r: bytes, key: bytes, message: bytes) -> int:
    return int.from_bytes(hashlib.sha512(r + key + message).digest(), "little") % L
