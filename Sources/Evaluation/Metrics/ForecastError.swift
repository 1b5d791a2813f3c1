/// Mean squared and mean absolute error of forecasts, over all values added.
package struct ForecastError: Sendable, Equatable {
    private var squares = 0.0
    private var magnitudes = 0.0
    package private(set) var count = 0

    package init() {}

    package mutating func add(forecast: Double, actual: Double) {
        let difference = forecast - actual
        squares += difference * difference
        magnitudes += abs(difference)
        count += 1
    }

    package static func += (left: inout Self, right: Self) {
        left.squares += right.squares
        left.magnitudes += right.magnitudes
        left.count += right.count
    }

    package var meanSquared: Double { count > 0 ? squares / Double(count) : 0 }
    package var meanAbsolute: Double { count > 0 ? magnitudes / Double(count) : 0 }
}
