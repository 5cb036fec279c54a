package jsonata

// quote returns s as a JSON string, as JavaScript's JSON.stringify writes it.
func quote(s string) string { return string(appendQuoted(nil, s)) }

// appendQuoted appends s as a JSON string: control characters, quotes,
// backslashes and lone surrogates are escaped, nothing else is.
func appendQuoted(dst []byte, s string) []byte {
	dst = append(dst, '"')
	from := 0
	for i := 0; i < len(s); i++ {
		switch c := s[i]; {
		case c < 0x20, c == '"', c == '\\':
			dst = appendEscape(append(dst, s[from:i]...), c)
			from = i + 1
		case c == 0xED && isLone(s[i:]):
			r, _ := decodeRune(s[i:])
			dst = appendHex(append(dst, s[from:i]...), r)
			from = i + 3
		}
	}
	dst = append(dst, s[from:]...)
	return append(dst, '"')
}

func appendEscape(dst []byte, c byte) []byte {
	switch c {
	case '"', '\\':
		return append(dst, '\\', c)
	case '\b':
		return append(dst, `\b`...)
	case '\t':
		return append(dst, `\t`...)
	case '\n':
		return append(dst, `\n`...)
	case '\f':
		return append(dst, `\f`...)
	case '\r':
		return append(dst, `\r`...)
	}
	return appendHex(dst, rune(c))
}

// appendHex appends an escape with four hexadecimal digits.
func appendHex(dst []byte, r rune) []byte {
	const hex = "0123456789abcdef"
	return append(dst, '\\', 'u', hex[r>>12&15], hex[r>>8&15], hex[r>>4&15], hex[r&15])
}
