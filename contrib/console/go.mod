module github.com/statemill/statemill/contrib/console

go 1.26.0

require github.com/statemill/statemill v0.0.0

require golang.org/x/sync v0.24.0 // indirect

replace github.com/statemill/statemill => ../..
