// State machines: all, and one.
import { useState } from 'preact/hooks'
import { call, get, query, useLoad, type Drawn, type Execution } from './api'
import { instant, nameOf } from './format'
import { ExecutionList } from './executions'
import { Graph } from './graph'
import { change, link, type Route } from './route'
import { RunForm } from './runform'
import { session } from './session'
import { Empty, Load, Status, Tabs, Time, Value } from './ui'

interface Row {
  arn: string
  name: string
  type: string
  created: number
  running: number
  last?: Execution
}

export function Machines() {
  const [after, setAfter] = useState<string[]>([])
  const [running, setRunning] = useState<Row>()
  const at = after[after.length - 1]
  const list = useLoad(`${session.region} ${at}`, (signal) => get<{ machines: Row[]; next?: string }>('machines', { region: session.region, after: at }, signal))
  return (
    <div class="page">
      <div class="title">
        <h1>Machines</h1>
        <span class="grow" />
        <a class="button" href={link('editor')}>New machine</a>
      </div>
      <Load of={list}>{(data) => data.machines.length === 0 ? (
        <Empty>
          <p><b>There are no state machines in <span class="number">{session.region}</span>.</b></p>
          <p>Write one in the <a href={link('editor')}>editor</a>, start the server with a definition (<code>statemill serve order.asl.json</code>), or create one through the API.</p>
        </Empty>
      ) : (
        <>
          <div class="table-box" tabIndex={0} role="region" aria-label="Machines">
            <table>
              <thead><tr><th>Name</th><th class="wide">Type</th><th class="right">Running</th><th>Last result</th><th class="wide">Last start</th><th><span class="hidden">Run</span></th></tr></thead>
              <tbody>{data.machines.map((m) => (
                <tr>
                  <td class="main"><a data-row href={link('machine', { arn: m.arn })}>{m.name}</a></td>
                  <td class="wide soft">{m.type === 'EXPRESS' ? 'Express' : 'Standard'}</td>
                  <td class="right number">{m.running > 0 ? <a href={link('executions', { machine: m.arn, status: 'RUNNING' })}>{m.running >= 100 ? '100+' : m.running}</a> : <span class="soft">0</span>}</td>
                  <td>{m.last ? <a class="plain" href={link('execution', { arn: m.last.arn })}><Status of={m.last.status} /></a> : <span class="soft">–</span>}</td>
                  <td class="wide">{m.last ? <Time at={m.last.start} /> : <span class="soft">–</span>}</td>
                  <td class="right">{!session.about.readOnly && <button type="button" class="small" onClick={() => setRunning(m)} aria-label={`Run ${m.name}`}>Run</button>}</td>
                </tr>
              ))}</tbody>
            </table>
          </div>
          <Pages after={after} next={data.next} onChange={setAfter} />
        </>
      )}</Load>
      {running && <RunForm machine={running.arn} type={running.type} onClose={() => setRunning(undefined)} />}
    </div>
  )
}

export function Pages({ after, next, onChange }: { after: string[]; next?: string; onChange: (after: string[]) => void }) {
  if (after.length === 0 && !next) return null
  return (
    <nav class="pages" aria-label="Pages">
      <button type="button" disabled={after.length === 0} onClick={() => onChange(after.slice(0, -1))}>Newer</button>
      <span class="soft number">page {after.length + 1}</span>
      <button type="button" disabled={!next} onClick={() => onChange([...after, next!])}>Older</button>
    </nav>
  )
}

interface Described {
  name: string
  type: string
  status: string
  definition: string
  roleArn: string
  creationDate: number
  description?: string
}

export function MachinePage({ route }: { route: Route }) {
  const arn = route.values.get('arn') ?? ''
  const tab = route.values.get('tab') ?? 'executions'
  const [running, setRunning] = useState(false)
  const machine = useLoad(arn, (signal) => call<Described>('DescribeStateMachine', { stateMachineArn: arn }).then((d) => (signal.aborted, d)))
  const drawn = useLoad(arn, (signal) => get<Drawn>('graph', { machine: arn }, signal))
  return (
    <div class="split">
      <Load of={machine}>{(m) => (
        <>
          <div class="title">
            <h1>{m.name}</h1>
            <span class="tag">{m.type === 'EXPRESS' ? 'Express' : 'Standard'}</span>
            {m.status !== 'ACTIVE' && <span class="tag">{m.status.toLowerCase()}</span>}
            <span class="soft wide">since {instant(m.creationDate * 1000)}</span>
            <span class="verbs">
              <a class="button" href={link('editor', { machine: arn })}>{session.about.readOnly ? 'Open in editor' : 'Edit'}</a>
              {!session.about.readOnly && <button type="button" class="primary" onClick={() => setRunning(true)}>Run</button>}
            </span>
          </div>
          <div class="columns">
            <section class="left" aria-label="Graph"><Load of={drawn}>{(d) => <Graph drawn={d} download={'graph.svg' + query({ machine: arn })} />}</Load></section>
            <Tabs label="Machine" now={tab} onChange={(tab) => change({ tab })} tabs={[
              { id: 'executions', name: 'Executions', show: () => m.type === 'EXPRESS' ? <Empty><p>Executions of Express machines are not kept, so none are listed. <b>Run</b> shows the result of one.</p></Empty> : <ExecutionList machine={arn} route={route} /> },
              { id: 'definition', name: 'Definition', show: () => <Value text={m.definition} what="Definition" /> },
              { id: 'versions', name: 'Versions & aliases', show: () => <Versions arn={arn} /> },
              { id: 'about', name: 'About', show: () => <About arn={arn} role={m.roleArn} description={m.description} /> },
            ]} />
          </div>
          {running && <RunForm machine={arn} type={m.type} onClose={() => setRunning(false)} />}
        </>
      )}</Load>
    </div>
  )
}

function Versions({ arn }: { arn: string }) {
  const found = useLoad(arn, async () => {
    const [v, a] = await Promise.all([
      call<{ stateMachineVersions: { stateMachineVersionArn: string; creationDate: number }[] }>('ListStateMachineVersions', { stateMachineArn: arn }),
      call<{ stateMachineAliases: { stateMachineAliasArn: string; creationDate: number }[] }>('ListStateMachineAliases', { stateMachineArn: arn }),
    ])
    return { versions: v.stateMachineVersions, aliases: a.stateMachineAliases }
  })
  return (
    <Load of={found}>{(f) => f.versions.length + f.aliases.length === 0 ? <Empty><p>No version has been published, and there is no alias.</p></Empty> : (
      <table>
        <thead><tr><th>Name</th><th>Kind</th><th>Created</th></tr></thead>
        <tbody>
          {f.aliases.map((a) => <tr><td class="main">{nameOf(a.stateMachineAliasArn)}</td><td class="soft">alias</td><td><Time at={a.creationDate * 1000} /></td></tr>)}
          {f.versions.map((v) => <tr><td class="main"><a href={link('machine', { arn: v.stateMachineVersionArn })}>{nameOf(v.stateMachineVersionArn)}</a></td><td class="soft">version</td><td><Time at={v.creationDate * 1000} /></td></tr>)}
        </tbody>
      </table>
    )}</Load>
  )
}

function About({ arn, role, description }: { arn: string; role: string; description?: string }) {
  const tags = useLoad(arn, () => call<{ tags: { key: string; value: string }[] }>('ListTagsForResource', { resourceArn: arn }))
  return (
    <dl class="facts">
      <div><dt>ARN</dt><dd class="code">{arn}</dd></div>
      <div><dt>Role</dt><dd class="code">{role}</dd></div>
      {description && <div><dt>Description</dt><dd>{description}</dd></div>}
      <div><dt>Tags</dt><dd><Load of={tags}>{(t) => t.tags.length ? <ul class="inline">{t.tags.map((x) => <li class="tag">{x.key}{x.value && ' = ' + x.value}</li>)}</ul> : <span class="soft">none</span>}</Load></dd></div>
    </dl>
  )
}
