mode: count
/work/half.asl.json:4.10,4.11 1 0
/work/half.asl.json:7.9,7.114 1 0
/work/half.asl.json:7.18,7.57 1 0
/work/half.asl.json:7.59,7.97 1 0
/work/half.asl.json:9.18,9.21 1 14
/work/half.asl.json:11.10,11.155 1 0
/work/half.asl.json:11.54,11.79 1 0
/work/half.asl.json:11.92,11.138 1 0
/work/half.asl.json:12.12,12.31 1 26
