package awstasks

// nearest returns the name that was probably meant by one that is unknown; "": none has anything in common with it. It is the one with
// the greatest similarity of Jaro and Winkler, which is what the recorded hints agree with (unsure).
func nearest(written string, names []string) (best string) {
	most := 0.0
	for _, name := range names {
		if s := similarity(written, name); s > most {
			best, most = name, s
		}
	}
	return best
}

// longestName is the longest name that is compared.
const longestName = 100

// similarity returns how like two names are, from 0 to 1.
func similarity(a, b string) float64 {
	if len(a) > longestName || len(b) > longestName {
		return 0
	}
	same, moved := common(a, b)
	if same == 0 {
		return 0
	}
	m := float64(same)
	s := (m/float64(len(a)) + m/float64(len(b)) + (m-float64(moved)/2)/m) / 3
	begin := 0
	for begin < min(4, len(a), len(b)) && a[begin] == b[begin] {
		begin++
	}
	return s + 0.1*float64(begin)*(1-s)
}

// common returns how many characters two names have in common, near the same place, and how many of them are in another order.
func common(a, b string) (same, moved int) {
	window := max(0, max(len(a), len(b))/2-1)
	var inA []byte
	taken := make([]bool, len(b))
	for i := range len(a) {
		for j := max(0, i-window); j < min(len(b), i+window+1); j++ {
			if !taken[j] && a[i] == b[j] {
				taken[j], inA = true, append(inA, a[i])
				break
			}
		}
	}
	for j := range len(b) {
		if taken[j] {
			if inA[same] != b[j] {
				moved++
			}
			same++
		}
	}
	return same, moved
}
