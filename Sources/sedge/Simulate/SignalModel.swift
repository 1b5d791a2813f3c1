/// A simulated sensor: a pure function from time to one value a channel.
protocol SignalModel: Sendable {
    static var channels: [String] { get }

    /// One value for each of `channels`, at a time in microseconds since the simulation began. `values` has their count.
    func sample(at time: Int64, into values: inout [Double])
}

extension Double {
    /// Rounded to a sensor's resolution, given as its inverse: 100 for two decimals.
    func resolved(_ steps: Double) -> Double { (self * steps).rounded() / steps }
}

extension SignalModel {
    func sample(at time: Int64) -> [Double] {
        var values = [Double](repeating: 0, count: Self.channels.count)
        sample(at: time, into: &values)
        return values
    }
}
