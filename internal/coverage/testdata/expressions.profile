mode: count
/work/half.asl.json:5.10,5.139 1 0
/work/half.asl.json:5.51,5.122 1 0
/work/half.asl.json:5.75,5.122 1 0
/work/half.asl.json:5.102,5.122 1 0
/work/half.asl.json:5.112,5.122 1 14
