package dev.lathe.tools.command;

import java.awt.BasicStroke;
import java.awt.Color;
import java.awt.Font;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import org.knowm.xchart.BitmapEncoder;
import org.knowm.xchart.CategoryChart;
import org.knowm.xchart.CategoryChartBuilder;
import org.knowm.xchart.XYChart;
import org.knowm.xchart.XYChartBuilder;
import org.knowm.xchart.XYSeries;
import org.knowm.xchart.style.Styler;
import org.knowm.xchart.style.markers.SeriesMarkers;

/** Draws charts with XChart into files of PNG. */
public final class Chart {
    private static final int WIDTH = 760;
    private static final int HEIGHT = 460;
    private static final int LEAST_BAR = 60;
    private static final int SHADES = 5;
    private static final Color FILL = new Color(0x3b6ea5);
    private static final Color LIGHT = new Color(0xf0b45a);
    private static final Color DARK = new Color(0x3b1f6b);

    static {
        System.setProperty("java.awt.headless", "true");
    }

    private Chart() {}

    /** The file to draw in that {@code --plot} names: known before the work, not after it. */
    public static Path target(Options options) {
        Path file = options.target("--plot");
        if (!file.toString().endsWith(".png")) {
            throw new Options.UsageException("--plot is " + file + "; charts are PNG: give a name that ends in .png");
        }
        return file;
    }

    /** Bars from zero, each with its name and number. */
    public static void bars(String title, List<String> names, double[] values, Path file) throws IOException {
        CategoryChart chart = new CategoryChartBuilder()
                .width(Math.max(WIDTH, LEAST_BAR * values.length))
                .height(HEIGHT)
                .title(title)
                .build();
        style(chart.getStyler()).setLegendVisible(false);
        chart.getStyler().setLabelsVisible(true);
        chart.getStyler().setXAxisLabelRotation(45);
        chart.addSeries(title, names, Arrays.stream(values).boxed().toList()).setFillColor(FILL);
        write(chart, file);
    }

    /** What a number of each point says. */
    public record Axis(String name, double[] values) {
        double least() {
            return Arrays.stream(values).min().orElse(0);
        }

        double most() {
            return Arrays.stream(values).max().orElse(1);
        }
    }

    /** Points by two numbers, the second by its order of magnitude; a third, darker where it is larger. */
    public static void points(String title, Axis across, Axis up, Axis shade, Path file) throws IOException {
        XYChart chart = chart(title, across.name(), up.name());
        double least =
                Arrays.stream(up.values()).filter(value -> value > 0).min().orElse(1e-9);
        chart.getStyler().setDefaultSeriesRenderStyle(XYSeries.XYSeriesRenderStyle.Scatter);
        chart.getStyler().setYAxisLogarithmic(true);
        double step = (shade.most() - shade.least()) / SHADES;
        for (int bin = 0; bin < SHADES; bin++) {
            List<Double> x = new ArrayList<>();
            List<Double> y = new ArrayList<>();
            for (int i = 0; i < across.values().length; i++) {
                int own = step == 0 ? 0 : (int) Math.min(SHADES - 1, (shade.values()[i] - shade.least()) / step);
                if (own == bin) {
                    x.add(across.values()[i]);
                    y.add(Math.max(least, up.values()[i]));
                }
            }
            if (!x.isEmpty()) {
                String name = String.format(
                        Locale.ROOT,
                        "%s %.0f to %.0f",
                        shade.name(),
                        shade.least() + bin * step,
                        shade.least() + (bin + 1) * step);
                chart.addSeries(name, x, y)
                        .setMarker(SeriesMarkers.CIRCLE)
                        .setMarkerColor(between(LIGHT, DARK, bin / (SHADES - 1.0)));
            }
        }
        write(chart, file);
    }

    /** Lines through points, a line each name; of each, numbers across and numbers up. */
    public static void lines(String title, String across, String up, Map<String, double[][]> lines, Path file)
            throws IOException {
        XYChart chart = chart(title, across, up);
        chart.getStyler().setMarkerSize(6);
        lines.forEach((name, line) -> {
            XYSeries series = chart.addSeries(name, line[0], line[1]);
            series.setLineStyle(new BasicStroke(1.6f));
            series.setMarker(SeriesMarkers.CIRCLE);
        });
        write(chart, file);
    }

    private static XYChart chart(String title, String across, String up) {
        XYChart chart = new XYChartBuilder()
                .width(WIDTH)
                .height(HEIGHT)
                .title(title)
                .xAxisTitle(across)
                .yAxisTitle(up)
                .build();
        style(chart.getStyler()).setLegendPosition(Styler.LegendPosition.OutsideE);
        return chart;
    }

    private static <S extends Styler> S style(S styler) {
        styler.setChartBackgroundColor(Color.WHITE);
        styler.setChartTitleFont(new Font(Font.SANS_SERIF, Font.BOLD, 15));
        return styler;
    }

    private static Color between(Color from, Color to, double share) {
        return new Color(
                (int) Math.round(from.getRed() + share * (to.getRed() - from.getRed())),
                (int) Math.round(from.getGreen() + share * (to.getGreen() - from.getGreen())),
                (int) Math.round(from.getBlue() + share * (to.getBlue() - from.getBlue())));
    }

    /** A reader never sees half a picture. */
    private static void write(org.knowm.xchart.internal.chartpart.Chart<?, ?> chart, Path file) throws IOException {
        Path part = file.resolveSibling(file.getFileName() + ".part");
        try (OutputStream out = Files.newOutputStream(part)) {
            BitmapEncoder.saveBitmap(chart, out, BitmapEncoder.BitmapFormat.PNG);
        }
        Files.move(part, file, StandardCopyOption.REPLACE_EXISTING);
    }
}
