package sqlstore

import (
	"github.com/statemill/statemill/runtime/history"
	"github.com/statemill/statemill/runtime/interp"
	"github.com/statemill/statemill/runtime/store"
)

// create inserts an execution with everything that is in its row.
func (tx *transaction) create(c *store.Change) (number int64, err error) {
	r := c.Record
	names, err := tx.shared(r)
	if err != nil {
		return 0, err
	}
	input, longInput := encode(r.Input)
	output, longOutput := encode(r.Output)
	root, _ := rootOf(c)
	number, err = tx.insert(`insert into execution(id, name, machine, machine_name, role, version, alias, trace,
		status, definition, input_hash, input, output, error, cause, failed_state, failed_path, start, stop, redrives, redriven, meta, parent, map_run, item, parent_redrives,
		revision, owner, writer, due, apart, state, root, history)
		values (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?) on conflict do nothing`,
		c.ID, r.ExecutionName, names[0], names[1], names[2], names[3], names[4], text(r.TraceHeader),
		string(r.Status), r.Definition[:], r.InputHash[:], input, output, optional(r.Error, r.HasError), optional(r.Cause, r.HasCause),
		optional(r.FailedState, r.FailedState != ""), optional(r.FailedPath, r.FailedPath != ""),
		instant(r.Start), instant(r.Stop), int64(r.Redrives), instant(r.Redriven), blob(r.Meta), text(r.Parent), text(r.MapRun), r.Item, int64(r.ParentRedrives),
		c.Revision, text(c.Owner), c.By, dueAfter(c), place{}.after(c).apart, blob(c.State), root, blob((&place{}).pack(c.History)))
	if err != nil {
		return 0, err
	}
	if number == 0 {
		return 0, store.ErrExists
	}
	if err := tx.storePayload(number, inputPayload, longInput); err != nil {
		return 0, err
	}
	return number, tx.storePayload(number, outputPayload, longOutput)
}

// shared returns the numbers of the names that a record has in common with others.
func (tx *transaction) shared(r *store.Record) (numbers [5]any, err error) {
	for i, text := range sharedNames(r) {
		if numbers[i], err = tx.name(text); err != nil {
			return numbers, err
		}
	}
	return numbers, nil
}

// sharedNames are the names that a record has in common with others.
func sharedNames(r *store.Record) [5]string {
	return [...]string{r.StateMachine, r.StateMachineName, r.RoleARN, r.StateMachineVersion, r.StateMachineAlias}
}

// optional returns a text as a column, NULL if it is absent. It is a blob, because it need not be UTF-8.
func optional(text string, there bool) any {
	if !there {
		return nil
	}
	return full([]byte(text))
}

// recordColumns are the columns of execution that recordOf reads, with the table execution as x.
const recordColumns = `x.id, x.name,
	(select text from main.name where number = x.machine), (select text from main.name where number = x.machine_name),
	(select text from main.name where number = x.role), (select text from main.name where number = x.version), (select text from main.name where number = x.alias),
	x.trace, x.map_run, x.status, x.definition, x.input_hash, x.error, x.cause, x.failed_state, x.failed_path,
	x.start, x.stop, x.redrives, x.redriven, x.meta, x.parent, x.item, x.parent_redrives`

// recordWidth is the number of columns in recordColumns.
const recordWidth = 24

// recordOf reads a record without Input and Output.
func recordOf(row columns) store.Record {
	r := store.Record{
		Identity: interp.Identity{
			Execution: row.text(0), ExecutionName: row.text(1),
			StateMachine: row.text(2), StateMachineName: row.text(3), RoleARN: row.text(4),
			StateMachineVersion: row.text(5), StateMachineAlias: row.text(6), TraceHeader: row.text(7), MapRun: row.text(8),
		},
		Status: interp.Status(row.text(9)),
		ErrorInfo: history.ErrorInfo{
			Error: row.text(12), HasError: row[12] != nil,
			Cause: row.text(13), HasCause: row[13] != nil,
		},
		FailedState: row.text(14), FailedPath: row.text(15),
		Start: row.instant(16), Stop: row.instant(17),
		Redrives: int(row.number(18)), Redriven: row.instant(19), Meta: row.bytes(20),
		Parent: row.text(21), Item: row.number(22), ParentRedrives: int(row.number(23)),
	}
	copy(r.Definition[:], row.bytes(10))
	copy(r.InputHash[:], row.bytes(11))
	return r
}
