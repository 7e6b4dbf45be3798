package dev.lathe.tools;

import java.awt.Color;
import java.awt.Font;
import java.awt.Graphics2D;
import java.awt.Rectangle;
import java.awt.RenderingHints;
import java.awt.image.BufferedImage;
import java.io.IOException;
import java.math.BigDecimal;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import javax.imageio.ImageIO;

/** Draws charts into PNG files, with what the JDK has. */
final class Chart {
    private static final int WIDTH = 720;
    private static final int LABELS = 190;
    private static final int NUMBERS = 70;
    private static final int BAR = 22;
    private static final int GAP = 12;
    private static final int TOP = 44;
    private static final Color INK = new Color(0x20242a);
    private static final Color FILL = new Color(0x3b6ea5);

    private static final Color GRID = new Color(0xe2e5e9);
    private static final Color LIGHT = new Color(0xf0b45a);
    private static final Color DARK = new Color(0x3b1f6b);

    static {
        System.setProperty("java.awt.headless", "true");
    }

    private Chart() {}

    /** Horizontal bars from zero, each with its name and number. */
    static void bars(String title, List<String> names, double[] values, Path file) throws IOException {
        int height = TOP + values.length * (BAR + GAP) + GAP;
        BufferedImage image = new BufferedImage(WIDTH, height, BufferedImage.TYPE_INT_RGB);
        Graphics2D graphics = begin(image, title);
        double largest = 0;
        for (double value : values) {
            largest = Math.max(largest, value);
        }
        for (int i = 0; i < values.length; i++) {
            int y = TOP + i * (BAR + GAP);
            int length = largest == 0 ? 0 : (int) Math.round((WIDTH - LABELS - NUMBERS) * values[i] / largest);
            graphics.setColor(FILL);
            graphics.fillRect(LABELS, y, length, BAR);
            graphics.setColor(INK);
            graphics.drawString(names.get(i), GAP, y + 16);
            graphics.drawString(String.format(Locale.ROOT, "%.2f", values[i]), LABELS + length + 6, y + 16);
        }
        graphics.dispose();
        write(image, file);
    }

    /** What a number of each point says. */
    record Axis(String name, double[] values) {
        double least() {
            return Arrays.stream(values).min().orElse(0);
        }

        double most() {
            return Arrays.stream(values).max().orElse(1);
        }

        /** Where a point is between the least and the most, from 0 to 1. */
        double place(int point) {
            return most() > least() ? (values[point] - least()) / (most() - least()) : 0.5;
        }
    }

    /** Points by two numbers, the second by its order of magnitude; a third, darker where it is larger. */
    static void points(String title, Axis across, Axis up, Axis shade, Path file) throws IOException {
        int height = WIDTH * 5 / 8;
        Rectangle area = new Rectangle(NUMBERS + GAP, TOP + BAR, WIDTH - 2 * NUMBERS, height - TOP - BAR - NUMBERS);
        BufferedImage image = new BufferedImage(WIDTH, height, BufferedImage.TYPE_INT_RGB);
        Graphics2D graphics = begin(image, title);
        double least =
                Arrays.stream(up.values()).filter(value -> value > 0).min().orElse(1e-9);
        int lowest = (int) Math.floor(Math.log10(least));
        int highest = Math.max(lowest + 1, (int) Math.ceil(Math.log10(Math.max(least, up.most()))));
        for (int power = lowest; power <= highest; power++) {
            int y = area.y + area.height - area.height * (power - lowest) / (highest - lowest);
            graphics.setColor(GRID);
            graphics.drawLine(area.x, y, area.x + area.width, y);
            graphics.setColor(INK);
            graphics.drawString(BigDecimal.ONE.scaleByPowerOfTen(power).toPlainString(), GAP, y + 5);
        }
        for (int i = 0; i <= 5; i++) {
            int x = area.x + area.width * i / 5;
            graphics.setColor(GRID);
            graphics.drawLine(x, area.y, x, area.y + area.height);
            graphics.setColor(INK);
            String number =
                    String.format(Locale.ROOT, "%.2f", across.least() + (across.most() - across.least()) * i / 5);
            graphics.drawString(number, x - 14, area.y + area.height + 20);
        }
        graphics.drawString(up.name(), GAP, TOP);
        graphics.drawString(across.name(), area.x + area.width / 2 - 30, area.y + area.height + 44);
        String range = String.format(Locale.ROOT, "%.0f (light) to %.0f (dark)", shade.least(), shade.most());
        graphics.drawString(shade.name() + ": " + range, WIDTH / 2, TOP);
        for (int i = 0; i < across.values().length; i++) {
            double height10 = (Math.log10(Math.max(least, up.values()[i])) - lowest) / (highest - lowest);
            int x = area.x + (int) Math.round(area.width * across.place(i));
            int y = area.y + area.height - (int) Math.round(area.height * height10);
            graphics.setColor(between(LIGHT, DARK, shade.place(i)));
            graphics.fillOval(x - 4, y - 4, 9, 9);
        }
        graphics.dispose();
        write(image, file);
    }

    private static Color between(Color from, Color to, double share) {
        return new Color(
                (int) Math.round(from.getRed() + share * (to.getRed() - from.getRed())),
                (int) Math.round(from.getGreen() + share * (to.getGreen() - from.getGreen())),
                (int) Math.round(from.getBlue() + share * (to.getBlue() - from.getBlue())));
    }

    /** A white image under its title. */
    private static Graphics2D begin(BufferedImage image, String title) {
        Graphics2D graphics = image.createGraphics();
        graphics.setRenderingHint(RenderingHints.KEY_ANTIALIASING, RenderingHints.VALUE_ANTIALIAS_ON);
        graphics.setRenderingHint(RenderingHints.KEY_TEXT_ANTIALIASING, RenderingHints.VALUE_TEXT_ANTIALIAS_ON);
        graphics.setColor(Color.WHITE);
        graphics.fillRect(0, 0, image.getWidth(), image.getHeight());
        graphics.setColor(INK);
        graphics.setFont(new Font(Font.SANS_SERIF, Font.BOLD, 15));
        graphics.drawString(title, GAP, TOP - 18);
        graphics.setFont(new Font(Font.SANS_SERIF, Font.PLAIN, 13));
        return graphics;
    }

    private static void write(BufferedImage image, Path file) throws IOException {
        Path part = file.resolveSibling(file.getFileName() + ".part");
        ImageIO.write(image, "png", part.toFile());
        Files.move(part, file, StandardCopyOption.REPLACE_EXISTING);
    }
}
