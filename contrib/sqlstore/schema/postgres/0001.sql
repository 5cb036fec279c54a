-- One row: the number of the last migration, and the last revision given to a document.
create table main.statemill(version bigint not null, revision bigint not null);
insert into main.statemill values (0, 0);

-- Texts that many executions share: names of state machines, roles, versions, aliases.
create table main.name(number bigint generated always as identity primary key, text text collate "C" not null unique);

create table main.execution(
  number       bigint generated always as identity primary key, -- in the order of creation
  id           text collate "C" not null unique,
  name         text collate "C" not null,
  machine      bigint, -- this and the next four are numbers of names
  machine_name bigint,
  role         bigint,
  version      bigint,
  alias        bigint,
  trace        text collate "C",
  status       text collate "C" not null,
  definition   bytea not null,
  input_hash   bytea not null,
  input        bytea, -- JSON texts; long ones are in payload
  output       bytea,
  error        bytea,
  cause        bytea,
  failed_state bytea,
  failed_path  bytea,
  start        bigint, -- instants are milliseconds since 1970
  stop         bigint,
  redrives     bigint not null,
  redriven     bigint,
  meta         bytea,
  parent       text collate "C",
  map_run      text collate "C",
  item         bigint not null, -- of a Map Run, like the next one
  parent_redrives bigint not null,
  revision     bigint not null,
  owner        text collate "C",
  writer       text collate "C" not null,
  due          bigint, -- or a mark: see due.go
  inbox        bigint not null default 0, -- how many messages there are to it
  apart        bigint not null, -- bits of what there is in other tables: see place.go
  state        bytea,
  root         bytea, -- the frame with the number 1: most executions have no other
  history      bytea -- the first parts, packed, while they are short
) with (fillfactor = 70, autovacuum_vacuum_scale_factor = 0.02, autovacuum_analyze_scale_factor = 0.05);
create index execution_machine on main.execution(machine, status, number);
create index execution_due on main.execution(due, owner, number) where due is not null;
create index execution_map_run on main.execution(map_run, status, number) where map_run is not null;

-- key is twice the number of the execution, plus one for outputs.
create table main.payload(key bigint primary key, data bytea not null);

create table main.frame(execution bigint, frame bigint, data bytea not null, primary key(execution, frame));
create table main.value(execution bigint, frame bigint, number bigint, data bytea not null, primary key(execution, frame, number));

-- key is the number of the execution and, in the lowest 20 bits, the first event.
create table main.history(key bigint primary key, last bigint not null, data bytea not null);

create table main.message(
  number    bigint generated always as identity primary key, -- in the order of arrival, for one destination
  id        text collate "C" not null unique,
  execution bigint, -- this or queue
  queue     text collate "C",
  source    text collate "C" not null,
  kind      text collate "C" not null,
  frame     bigint not null, -- of the task
  attempt   bigint not null,
  data      bytea
) with (autovacuum_vacuum_scale_factor = 0.02);
create index message_execution on main.message(execution, number) where execution is not null;
create index message_queue on main.message(queue, number) where queue is not null;

create table main.definition(hash bytea primary key, text bytea not null);

create table main.document(key text collate "C" primary key, revision bigint not null, data bytea not null);

-- The leases of owners.
create table main.process(owner text collate "C" primary key, expires timestamptz not null);
