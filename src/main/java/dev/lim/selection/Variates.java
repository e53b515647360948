package dev.lim.selection;

/**
 * Draws from distributions. Only operations that give the same bits on every machine: those of
 * double arithmetic, square roots, and {@link StrictMath}.
 */
final class Variates {

  private static final int LAYERS = 256;

  /** Where the lowest layer's tail begins, and the area of each layer, for so many layers. */
  private static final double TAIL = 3.6541528853610088;

  private static final double AREA = 0.00492867323399;

  /** The right ends of the layers, widest first; and by layer, how much of it needs no test. */
  private static final double[] ENDS = new double[LAYERS + 1];

  private static final double[] INNER = new double[LAYERS];

  static {
    double density = StrictMath.exp(-0.5 * TAIL * TAIL);
    ENDS[0] = AREA / density;
    ENDS[1] = TAIL;
    for (int i = 2; i < LAYERS; i++) {
      ENDS[i] = Math.sqrt(-2 * StrictMath.log(AREA / ENDS[i - 1] + density));
      density = StrictMath.exp(-0.5 * ENDS[i] * ENDS[i]);
    }
    for (int i = 0; i < LAYERS; i++) {
      INNER[i] = ENDS[i + 1] / ENDS[i];
    }
  }

  private Variates() {}

  /**
   * From a Beta distribution: X / (X + Y) of two Gamma variates.
   *
   * @param a above 0
   * @param b above 0
   */
  static double beta(Chance chance, double a, double b) {
    double x = gamma(chance, a);
    double y = gamma(chance, b);
    return x / (x + y);
  }

  /**
   * From a Gamma distribution of scale 1 (Marsaglia, Tsang: A Simple Method for Generating Gamma
   * Variables, 2000, with its remark on shapes below 1).
   */
  private static double gamma(Chance chance, double shape) {
    if (shape < 1) {
      return gamma(chance, shape + 1) * StrictMath.pow(open(chance), 1 / shape);
    }
    double d = shape - 1.0 / 3;
    double c = 1 / Math.sqrt(9 * d);
    while (true) {
      double x = normal(chance);
      double v = 1 + c * x;
      if (v > 0) {
        v = v * v * v;
        double u = open(chance);
        double square = x * x;
        if (u < 1 - 0.0331 * square * square
            || StrictMath.log(u) < 0.5 * square + d * (1 - v + StrictMath.log(v))) {
          return d * v;
        }
      }
    }
  }

  /**
   * From the standard normal distribution (Marsaglia, Tsang: The Ziggurat Method for Generating
   * Random Variables, 2000; Doornik: An Improved Ziggurat Method to Generate Normal Random Samples,
   * 2005). The layer and the place in it are taken from other bits of one number.
   */
  static double normal(Chance chance) {
    while (true) {
      long bits = chance.next();
      int layer = (int) bits & LAYERS - 1;
      double place = 2 * Chance.uniform(bits) - 1;
      double x = place * ENDS[layer];
      if (Math.abs(place) < INNER[layer]) {
        return x;
      }
      if (layer == 0) {
        return Math.copySign(tail(chance), place);
      }
      double square = x * x;
      double above = StrictMath.exp(-0.5 * (ENDS[layer] * ENDS[layer] - square));
      double below = StrictMath.exp(-0.5 * (ENDS[layer + 1] * ENDS[layer + 1] - square));
      if (above + chance.nextUniform() * (below - above) < 1) {
        return x;
      }
    }
  }

  /** Beyond {@link #TAIL} (Marsaglia: Generating a Variable from the Tail of the Normal, 1964). */
  private static double tail(Chance chance) {
    while (true) {
      double x = -StrictMath.log(open(chance)) / TAIL;
      double y = -StrictMath.log(open(chance));
      if (2 * y > x * x) {
        return TAIL + x;
      }
    }
  }

  /** Uniform in (0, 1). */
  private static double open(Chance chance) {
    return chance.nextUniform() + 0x1p-54;
  }
}
