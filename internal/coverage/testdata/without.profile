mode: count
/work/half.asl.json:5.10,5.139 1 0
