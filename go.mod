module github.com/statemill/statemill

go 1.26.0
