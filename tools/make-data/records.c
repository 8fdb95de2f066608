/* SPDX-License-Identifier: MIT
 * records.c: rod.csv (heat in a rod), ratings.csv (users, items, stars), load.csv (hours of a year), machine.csv and machine_test.csv
 * (sensors, some faulty), members.csv and friends.csv (a network of four groups). */
#include <math.h>

#include "make.h"

#define PI 3.14159265358979

/* u_t = u_xx / 10, u = 0 at both ends: each sine of the beginning fades on its own. */
static void make_rod(const char *dir)
{
    Random r = random_new(21);
    FILE *f = open_file(dir, "rod.csv", "w");
    fprintf(f, "x,t,u\n");
    for (int i = 0; i < 2000; i++) {
        double x = random_uniform(&r, 0, 1), t = random_uniform(&r, 0, 1);
        double u = sin(PI * x) * exp(-0.1 * PI * PI * t) + 0.5 * sin(3 * PI * x) * exp(-0.9 * PI * PI * t);
        fprintf(f, "%.6f,%.6f,%.6f\n", x, t, u);
    }
    close_file(f, "rod.csv");
}

/* Four tastes of each user, four qualities of each item, and what both are like on the whole. */
static void make_ratings(const char *dir)
{
    enum { USERS = 600, ITEMS = 300, TASTES = 4, EACH = 40 };
    static double user[USERS][TASTES + 1], item[ITEMS][TASTES + 1];
    Random r = random_new(22);
    FILE *f = open_file(dir, "ratings.csv", "w");
    for (int u = 0; u < USERS; u++)
        for (int k = 0; k <= TASTES; k++)
            user[u][k] = 0.5 * random_normal(&r);
    for (int i = 0; i < ITEMS; i++)
        for (int k = 0; k <= TASTES; k++)
            item[i][k] = 0.7 * random_normal(&r);
    fprintf(f, "user,item,stars\n");
    for (int u = 0; u < USERS; u++) {
        for (int n = 0, i = random_below(&r, ITEMS); n < EACH; n++, i = (i + 1 + random_below(&r, 12)) % ITEMS) {
            double stars = 3.3 + user[u][TASTES] + 0.7 * item[i][TASTES] + 0.4 * random_normal(&r);
            for (int k = 0; k < TASTES; k++)
                stars += user[u][k] * item[i][k];
            stars = floor(stars + 0.5);
            fprintf(f, "%d,%d,%g\n", u, i, stars < 1 ? 1 : stars > 5 ? 5 : stars);
        }
    }
    close_file(f, "ratings.csv");
}

/* A day has a morning and an evening, a week its end, a year its seasons; the rest wanders. */
static void make_load(const char *dir)
{
    Random r = random_new(23);
    double wander = 0;
    FILE *f = open_file(dir, "load.csv", "w");
    fprintf(f, "hour,load\n");
    for (int h = 0; h < 365 * 24; h++) {
        int hour = h % 24, day = h / 24 % 7;
        double morning = exp(-pow((hour - 8) / 2.0, 2)), evening = exp(-pow((hour - 19) / 2.5, 2));
        wander = 0.97 * wander + 0.5 * random_normal(&r);
        double season = 8 * cos(2 * PI * h / (365 * 24.0)), sun = 8 * cos(2 * PI * (hour - 15) / 24.0);
        double load = 50 + season + sun + 15 * evening + (day < 5 ? 12 * morning : 3 * morning - 5) + wander + 0.5 * random_normal(&r);
        fprintf(f, "%d,%.2f\n", h, load);
    }
    close_file(f, "load.csv");
}

/* Sixteen sensors see four causes; where a sensor is faulty it shows what it showed at another time. */
static void make_machine(const char *dir, const char *name, int rows, double share, uint64_t part)
{
    enum { SENSORS = 16, CAUSES = 4 };
    Random mix = random_new(24), r = random_part(26, part);
    double by[SENSORS][CAUSES], last[SENSORS] = {0}, now[SENSORS];
    for (int s = 0; s < SENSORS; s++)
        for (int c = 0; c < CAUSES; c++)
            by[s][c] = random_normal(&mix);
    FILE *f = open_file(dir, name, "w");
    for (int i = 0; i < rows; i++) {
        double cause[CAUSES];
        int fault = random_uniform(&r, 0, 1) < share, broken = random_below(&r, SENSORS);
        for (int c = 0; c < CAUSES; c++)
            cause[c] = random_normal(&r);
        for (int s = 0; s < SENSORS; s++) {
            double v = 0;
            for (int c = 0; c < CAUSES; c++)
                v += by[s][c] * cause[c];
            now[s] = 10 * (s + 1) + (s % 3 == 0 ? 2 * tanh(v) : v) + 0.15 * random_normal(&r);
        }
        for (int s = 0; s < SENSORS; s++)
            fprintf(f, "%.3f,", fault && s == broken && i ? last[s] : now[s]);
        fprintf(f, "%d\n", fault && i);
        for (int s = 0; s < SENSORS; s++)
            last[s] = now[s];
    }
    close_file(f, name);
}

/* A thousand members in four groups; three of four friends are of one's own group. What is known about a member says little. */
static void make_network(const char *dir)
{
    enum { MEMBERS = 1000, GROUPS = 4, MOST = 24 };
    static int friends[MEMBERS][MOST], n[MEMBERS], group[MEMBERS];
    Random r = random_new(25);
    for (int m = 0; m < MEMBERS; m++)
        group[m] = random_below(&r, GROUPS);
    for (int tries = 0; tries < 5 * MEMBERS;) {
        int a = random_below(&r, MEMBERS), b = random_below(&r, MEMBERS), near = random_below(&r, 4) > 0;
        if (a == b || near != (group[a] == group[b]) || n[a] == MOST || n[b] == MOST) continue;
        friends[a][n[a]++] = b;
        friends[b][n[b]++] = a;
        tries++;
    }
    FILE *f = open_file(dir, "members.csv", "w");
    for (int m = 0; m < MEMBERS; m++) {
        for (int k = 0; k < 8; k++)
            fprintf(f, "%.3f,", (k % GROUPS == group[m]) * 0.9 + random_normal(&r));
        fprintf(f, "%d,%d\n", group[m], m % 10 == 0);
    }
    close_file(f, "members.csv");
    f = open_file(dir, "friends.csv", "w");
    for (int m = 0; m < MEMBERS; m++)
        for (int k = 0; k < MOST; k++)
            fprintf(f, "%d%c", k < n[m] ? friends[m][k] : m, k + 1 < MOST ? ',' : '\n');
    close_file(f, "friends.csv");
}

void make_records(const char *dir)
{
    make_rod(dir);
    make_ratings(dir);
    make_load(dir);
    make_machine(dir, "machine.csv", 3000, 0, 0);
    make_machine(dir, "machine_test.csv", 1000, 0.2, 1);
    make_network(dir);
}
