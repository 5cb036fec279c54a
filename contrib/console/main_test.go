package console

import (
	"testing"

	"github.com/statemill/statemill/internal/leaks"
)

func TestMain(m *testing.M) { leaks.Main(m) }
