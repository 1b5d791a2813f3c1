/// A line that grows with the work: `▕██████    ▏ 62 %  31,000 of 50,000  24,900/s`.
///
/// Drawing is the caller's; this value only says how the line looks.
struct ProgressBar {
    /// How much there is to do; 0 where it is unknown, and then no bar is shown.
    let total: Int

    /// The line at a width in columns; `rate` in messages a second.
    func line(done: Int, rate: Double, width: Int) -> String {
        let speed = "\(Self.grouped(Int(rate.rounded())))/s"
        guard total > 0 else { return "\(Self.grouped(done))  \(speed)" }
        let share = min(1, Double(done) / Double(total))
        let percent = String(Int(share * 100))
        let numbers =
            " \(String(repeating: " ", count: 3 - percent.count))\(percent) %"
            + "  \(Self.grouped(done)) of \(Self.grouped(total))  \(speed)"
        let room = min(40, width - numbers.count - 3)
        guard room >= 8 else { return String(numbers.dropFirst()) }
        let filled = Int(share * Double(room))
        let bar = String(repeating: "█", count: filled) + String(repeating: " ", count: room - filled)
        return "▕\(bar)▏\(numbers)"
    }

    /// 1234567 as `1,234,567`.
    static func grouped(_ number: Int) -> String {
        var text = ""
        let digits = String(number.magnitude)
        for (index, digit) in digits.enumerated() {
            if index > 0, (digits.count - index).isMultiple(of: 3) { text.append(",") }
            text.append(digit)
        }
        return number < 0 ? "-\(text)" : text
    }
}
