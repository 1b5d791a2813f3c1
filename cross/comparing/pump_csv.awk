# A recording to replay: a pump's vibration, temperature and current at 10 Hz for SECONDS, with a fault that begins at
# FAULT and takes a minute to grow. The same numbers on every machine: integers make the noise.
BEGIN {
    print "time,vibration,temperature,current"
    noise = 12345
    for (step = 0; step < SECONDS * 10; step++) {
        t = step / 10
        load = 1 + 0.2 * sin(t / 9)
        wear = t < FAULT ? 0 : (t - FAULT < 60 ? (t - FAULT) / 60 : 1)
        vibration = 1.1 * load + 0.08 * sin(2.1 * t) + 0.1 * draw() + wear * (0.6 + 1.2 * (step % 7 == 0))
        temperature = 41 + 0.5 * sin(t / 60) + 0.15 * draw() + 2 * wear
        current = 4.6 * load + 0.12 * draw()
        printf "%.1f,%.4f,%.3f,%.4f\n", 1764547200 + t, vibration, temperature, current
    }
}
# −0.5…0.5, from a linear congruential generator that a double holds exactly.
function draw() {
    noise = (noise * 16807) % 2147483647
    return noise / 2147483647 - 0.5
}
