package sfnapi

import (
	"errors"

	"github.com/statemill/statemill/jsonvalue"
	"github.com/statemill/statemill/runtime"
	"github.com/statemill/statemill/runtime/interp"
	"github.com/statemill/statemill/runtime/store"
)

type sendTaskSuccessIn struct {
	Token  string `sfn:"taskToken,required,1..2048"`
	Output string `sfn:"output,required,0..262144,data"`
}

// sendTaskSuccess looks at the form of the token first, then at the output, then at the
// life of the task (recorded).
func (s *scope) sendTaskSuccess(in *sendTaskSuccessIn) (fields, error) {
	if err := s.checkToken(in.Token); err != nil {
		return nil, err
	}
	output, err := jsonvalue.Parse([]byte(in.Output))
	if err != nil { // the words are not recorded (unsure)
		return nil, refuse("InvalidOutput", "Invalid Output: '%s'", err)
	}
	return nil, answered(s.handler.executions.SucceedTask(s.ctx, in.Token, output))
}

type sendTaskFailureIn struct {
	Token string `sfn:"taskToken,required,1..2048"`
	Error string `sfn:"error,0..256,data"`
	Cause string `sfn:"cause,0..32768,data"`
}

func (s *scope) sendTaskFailure(in *sendTaskFailureIn) (fields, error) {
	if err := s.checkToken(in.Token); err != nil {
		return nil, err
	}
	return nil, answered(s.handler.executions.FailTask(s.ctx, in.Token, &runtime.TaskError{Name: in.Error, Cause: in.Cause}))
}

type sendTaskHeartbeatIn struct {
	Token string `sfn:"taskToken,required,1..2048"`
}

func (s *scope) sendTaskHeartbeat(in *sendTaskHeartbeatIn) (fields, error) {
	if err := s.checkToken(in.Token); err != nil {
		return nil, err
	}
	return nil, answered(s.handler.executions.HeartbeatTask(s.ctx, in.Token))
}

// checkToken refuses what is no token of this place. One of another region is refused
// as well (recorded).
func (s *scope) checkToken(token string) error {
	execution, _, err := interp.ParseToken(token)
	if err != nil {
		return invalidToken()
	}
	if _, err := s.parseExecution(execution); err != nil {
		return invalidToken()
	}
	return nil
}

// answered returns what a client sees of an answer to a task. The words for a task that
// is over are recorded of activities, which they name (unsure for others).
func answered(err error) error {
	switch {
	case errors.Is(err, runtime.ErrInvalidToken):
		return invalidToken()
	case errors.Is(err, runtime.ErrTaskOver), errors.Is(err, store.ErrNotFound):
		return refuse("TaskTimedOut", "Task Timed Out: 'Provided task does not exist anymore'")
	}
	return err
}
