package main
import ("testing";"os";"time";"runtime/pprof")
func TestProf(t *testing.T){
	s := settings{dir: t.TempDir(), workloads: "../runtime/testdata/workloads", each: 3*time.Second}
	subs,err := s.subjects(); if err!=nil {t.Fatal(err)}
	f,_ := os.Create("/tmp/hb.cpu"); pprof.StartCPUProfile(f)
	for _,x := range subs { if x.name==os.Getenv("SUBJ") { r,err:=s.measure(t.Context(),x,100); t.Log(r,err)} }
	pprof.StopCPUProfile(); f.Close()
	g,_ := os.Create("/tmp/hb.mem"); pprof.Lookup("allocs").WriteTo(g,0); g.Close()
}
