package interp

// Limits bound an execution. Zero means the default, a negative number no
// limit. Exceeding one fails the execution or task, as on AWS, and is never an
// error of the driver.
type Limits struct {
	Payload    int // bytes of JSON text that enter or leave a state, of one variable, and of all that one Assign assigns. Default: 262,144
	Variables  int // bytes of JSON text of the values of all variables of the execution. Default: 10 MiB
	History    int // events, which are counted also while no history is made. Default: 25,000
	Iterations int // iterations of one Map state at a time. Default: 40
	Children   int // child executions of one Map Run at a time. Default: 10,000
	InFlight   int // tasks of one execution at a time; others wait. Default: 1,000
	Seconds    int // that the execution may take, if its TimeoutSeconds allows more. Default: no limit
	Steps      int // transitions in one Step; the rest follows in the next. Default: 1,000
	Work       int // evaluation steps and text in one Step, counted as package jsonata counts; the rest follows in the next. Default: 500,000, some 50 ms
}

// withDefaults returns the limits with every zero replaced, and none as the
// largest number.
func (l Limits) withDefaults() *Limits {
	if l == (Limits{}) {
		return &defaultLimits
	}
	return l.filled()
}

// defaultLimits are shared by all executions that have no limits of their own.
var defaultLimits = *Limits{}.filled()

func (l Limits) filled() *Limits {
	const unlimited = int(^uint(0) >> 1)
	l.Seconds = max(l.Seconds, 0)
	for _, field := range []struct {
		limit *int
		value int
	}{
		{&l.Payload, 262144}, {&l.Variables, 10 << 20}, {&l.History, 25000},
		{&l.Iterations, 40}, {&l.Children, 10_000}, {&l.InFlight, 1000}, {&l.Steps, 1000}, {&l.Work, 500_000},
	} {
		switch {
		case *field.limit == 0:
			*field.limit = field.value
		case *field.limit < 0:
			*field.limit = unlimited
		}
	}
	return &l
}
