package dev.lim.scoring;

import java.util.Locale;
import java.util.Map;
import java.util.NavigableMap;

/**
 * Times against numbers of samples, both logarithmic, as SVG: a line for each series, and dashed
 * the slope of what is linear, from the first point of each on.
 */
final class GrowthPlot {

  private static final int WIDTH = 760;
  private static final int HEIGHT = 460;
  private static final int LEFT = 80;
  private static final int RIGHT = 190;
  private static final int TOP = 30;
  private static final int BOTTOM = 60;
  private static final String[] COLOURS = {"#1f6feb", "#d1242f", "#1a7f37"};

  private final StringBuilder svg = new StringBuilder();
  private final int lowX;
  private final int highX;
  private final int lowY;
  private final int highY;

  private GrowthPlot(Map<String, NavigableMap<Integer, Double>> series) {
    lowX = decade(series, Math::floor, true, true);
    highX = decade(series, Math::ceil, true, false);
    lowY = decade(series, Math::floor, false, true);
    highY = decade(series, Math::ceil, false, false);
  }

  private interface Rounding {
    double round(double exponent);
  }

  private static int decade(
      Map<String, NavigableMap<Integer, Double>> series,
      Rounding rounding,
      boolean x,
      boolean least) {
    var values =
        series.values().stream()
            .flatMap(line -> line.entrySet().stream())
            .mapToDouble(point -> Math.log10(x ? point.getKey() : point.getValue()));
    return (int) rounding.round((least ? values.min() : values.max()).orElseThrow());
  }

  /**
   * @param series by name, microseconds by number of samples
   */
  static String svg(String title, Map<String, NavigableMap<Integer, Double>> series) {
    GrowthPlot plot = new GrowthPlot(series);
    plot.axes(title);
    int i = 0;
    for (var line : series.entrySet()) {
      plot.line(line.getKey(), line.getValue(), COLOURS[i++ % COLOURS.length]);
    }
    return plot.svg.append("</svg>\n").toString();
  }

  private void axes(String title) {
    add(
        "<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 %d %d\" font-family=\"sans-serif\""
            + " font-size=\"12\" fill=\"#222\">%n",
        WIDTH, HEIGHT);
    add("<rect width=\"100%%\" height=\"100%%\" fill=\"#fff\"/>%n");
    add("<text x=\"%d\" y=\"18\" font-size=\"14\">%s</text>%n", LEFT, title);
    for (int e = lowX; e <= highX; e++) {
      double x = x(Math.pow(10, e));
      grid(x, TOP, x, HEIGHT - BOTTOM);
      add(
          "<text x=\"%.1f\" y=\"%d\" text-anchor=\"middle\">%s</text>%n",
          x, HEIGHT - BOTTOM + 18, String.format(Locale.ROOT, "%,d", (long) Math.pow(10, e)));
    }
    for (int e = lowY; e <= highY; e++) {
      double y = y(Math.pow(10, e));
      grid(LEFT, y, WIDTH - RIGHT, y);
      add("<text x=\"%d\" y=\"%.1f\" text-anchor=\"end\">%s</text>%n", LEFT - 8, y + 4, time(e));
    }
    add(
        "<text x=\"%d\" y=\"%d\" text-anchor=\"middle\">samples</text>%n",
        (LEFT + WIDTH - RIGHT) / 2, HEIGHT - 16);
  }

  private void grid(double x1, double y1, double x2, double y2) {
    add(
        "<line x1=\"%.1f\" y1=\"%.1f\" x2=\"%.1f\" y2=\"%.1f\" stroke=\"#ddd\"/>%n",
        x1, y1, x2, y2);
  }

  private void line(String name, NavigableMap<Integer, Double> points, String colour) {
    StringBuilder path = new StringBuilder();
    points.forEach((samples, micros) -> {
      path.append(path.isEmpty() ? "M" : " L").append(point(samples, micros));
      add("<circle cx=\"%.1f\" cy=\"%.1f\" r=\"3\" fill=\"%s\"/>%n", x(samples), y(micros), colour);
    });
    add("<path d=\"%s\" fill=\"none\" stroke=\"%s\" stroke-width=\"2\"/>%n", path, colour);
    double first = points.firstEntry().getValue();
    double linear = first * points.lastKey() / points.firstKey();
    add(
        "<path d=\"M%s L%s\" fill=\"none\" stroke=\"%s\" stroke-dasharray=\"4 4\"/>%n",
        point(points.firstKey(), first), point(points.lastKey(), linear), colour);
    add(
        "<text x=\"%d\" y=\"%.1f\" fill=\"%s\">%s</text>%n",
        WIDTH - RIGHT + 8, y(points.lastEntry().getValue()) + 4, colour, name);
  }

  private String point(double samples, double micros) {
    return String.format(Locale.ROOT, "%.1f,%.1f", x(samples), y(micros));
  }

  private double x(double samples) {
    return LEFT + (WIDTH - RIGHT - LEFT) * (Math.log10(samples) - lowX) / (highX - lowX);
  }

  private double y(double micros) {
    return HEIGHT - BOTTOM - (HEIGHT - BOTTOM - TOP) * (Math.log10(micros) - lowY) / (highY - lowY);
  }

  private static String time(int exponent) {
    String unit = exponent < 3 ? "µs" : exponent < 6 ? "ms" : "s";
    return (long) Math.pow(10, Math.floorMod(exponent, 3)) + " " + unit;
  }

  private void add(String format, Object... arguments) {
    svg.append(String.format(Locale.ROOT, format, arguments));
  }
}
