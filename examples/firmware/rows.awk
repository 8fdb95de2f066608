# SPDX-License-Identifier: MIT
# rows.awk: rows of iris.csv as lines for the firmware: training on all, in an order in which classes change; a report; a prediction each,
# in the order of classes.
BEGIN { class["Iris-setosa"] = 0; class["Iris-versicolor"] = 1; class["Iris-virginica"] = 2 }
{ row[$5, n[$5]++] = $1 " " $2 " " $3 " " $4 }
END {
    for (i = 0; i < n["Iris-setosa"]; i++)
        for (name in class) print "train", row[name, i], class[name]
    print "report"
    for (k = 0; k < 3; k++)
        for (name in class)
            if (class[name] == k)
                for (i = 0; i < 50; i++) print "predict", row[name, i]
}
