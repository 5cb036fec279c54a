-- One row: the number of the last migration, and the last revision given to a document.
create table statemill(version integer not null, revision integer not null);
insert into statemill values (0, 0);

-- Texts that many executions share: names of state machines, roles, versions, aliases.
create table name(number integer primary key, text text not null unique);

create table execution(
  number       integer primary key, -- in the order of creation
  id           text not null unique,
  name         text not null,
  machine      integer, -- this and the next four are numbers of names
  machine_name integer,
  role         integer,
  version      integer,
  alias        integer,
  trace        text,
  status       text not null,
  definition   blob not null,
  input_hash   blob not null,
  input        blob, -- JSON texts; long ones are in payload
  output       blob,
  error        blob,
  cause        blob,
  failed_state blob,
  failed_path  blob,
  start        integer, -- instants are milliseconds since 1970
  stop         integer,
  redrives     integer not null,
  redriven     integer,
  meta         blob,
  parent       text,
  map_run      text,
  item         integer not null, -- of a Map Run, like the next one
  parent_redrives integer not null,
  revision     integer not null,
  owner        text,
  writer       text not null,
  due          integer, -- or a mark: see due.go
  apart        integer not null, -- bits of what there is in other tables: see place.go
  state        blob,
  root         blob, -- the frame with the number 1: most executions have no other
  history      blob -- the first parts, packed, while they are short
);
create index execution_machine on execution(machine, status); -- the number follows
create index execution_due on execution(due, owner) where due is not null;
create index execution_map_run on execution(map_run, status) where map_run is not null;

-- key is twice the number of the execution, plus one for outputs.
create table payload(key integer primary key, data blob not null);

create table frame(execution integer, frame integer, data blob not null, primary key(execution, frame)) without rowid;
create table value(execution integer, frame integer, number integer, data blob not null, primary key(execution, frame, number)) without rowid;

-- key is the number of the execution and, in the lowest 20 bits, the first event. One integer
-- key makes no overflow pages below 4 kB, which "without rowid" does above 1 kB.
create table history(key integer primary key, last integer not null, data blob not null);

create table message(
  number    integer primary key, -- in the order of arrival
  id        text not null unique,
  execution integer, -- this or queue
  queue     text,
  source    text not null,
  kind      text not null,
  frame     integer not null, -- of the task
  attempt   integer not null,
  data      blob
);
create index message_execution on message(execution) where execution is not null;
create index message_queue on message(queue) where queue is not null;

create table definition(hash blob primary key, text blob not null) without rowid;

create table document(key text not null unique, revision integer not null, data blob not null);

-- The leases of owners.
create table process(owner text primary key, expires integer not null) without rowid;
