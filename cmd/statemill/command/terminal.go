package command

import (
	"io"
	"os"

	"golang.org/x/term"
)

// isTerminal reports whether a person reads what is written.
func isTerminal(w io.Writer) bool {
	f := fileOf(w)
	return f != nil && term.IsTerminal(int(f.Fd()))
}

// usualWidth is how many columns a terminal has that does not tell.
const usualWidth = 80

// widthOf returns how many columns a terminal has.
func widthOf(w io.Writer) int {
	if f := fileOf(w); f != nil {
		if width, _, err := term.GetSize(int(f.Fd())); err == nil && width > 0 {
			return width
		}
	}
	return usualWidth
}

func fileOf(w io.Writer) *os.File {
	if p, ok := w.(painter); ok {
		w = p.Writer
	}
	f, _ := w.(*os.File)
	return f
}
