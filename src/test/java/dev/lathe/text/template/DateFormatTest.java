package dev.lathe.text.template;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.time.Clock;
import java.time.LocalDateTime;
import java.time.ZoneOffset;
import java.util.Map;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Dates as Python's strftime prints them in the C locale, at the edges of weeks and years. */
class DateFormatTest {
    private static final String ALL =
            "%a~%A~%b~%B~%c~%d~%D~%e~%f~%F~%g~%G~%H~%I~%j~%k~%l~%m~%M~%p~%r~%R~%S~%T~%u~%U~%V~%w~%W~%x~%X~%y~%Y~%C~%h"
                    + "~%-d~%-m~%-I~%-H~%-j~%-y~%%";

    @ParameterizedTest
    @CsvSource(
            delimiter = '!',
            value = {
                "2024-07-26T09:05:07.123456 ! Fri~Friday~Jul~July~Fri Jul 26 09:05:07 2024~26~"
                        + "07/26/24~26~123456~2024-07-26~24~2024~09~09~208~ 9~ 9~07~05~AM~09:05:07 AM~09:05~07~"
                        + "09:05:07~5~29~30~5~30~07/26/24~09:05:07~24~2024~20~Jul~26~7~9~9~208~24~%",
                "2023-01-01T00:00:00 ! Sun~Sunday~Jan~January~Sun Jan  1 00:00:00 2023~01~01/01/23~"
                        + " 1~000000~2023-01-01~22~2022~00~12~001~ 0~12~01~00~AM~12:00:00 AM~00:00~00~00:00:00~"
                        + "7~01~52~0~00~01/01/23~00:00:00~23~2023~20~Jan~1~1~12~0~1~23~%",
                "2024-12-30T12:30:59.000005 ! Mon~Monday~Dec~December~Mon Dec 30 12:30:59 2024~30~"
                        + "12/30/24~30~000005~2024-12-30~25~2025~12~12~365~12~12~12~30~PM~12:30:59 PM~12:30~59~"
                        + "12:30:59~1~52~01~1~53~12/30/24~12:30:59~24~2024~20~Dec~30~12~12~12~365~24~%",
                "2021-01-03T23:59:01.999999 ! Sun~Sunday~Jan~January~Sun Jan  3 23:59:01 2021~03~"
                        + "01/03/21~ 3~999999~2021-01-03~20~2020~23~11~003~23~11~01~59~PM~11:59:01 PM~23:59~01~"
                        + "23:59:01~7~01~53~0~00~01/03/21~23:59:01~21~2021~20~Jan~3~1~11~23~3~21~%",
                "2020-02-29T13:01:02 ! Sat~Saturday~Feb~February~Sat Feb 29 13:01:02 2020~29~"
                        + "02/29/20~29~000000~2020-02-29~20~2020~13~01~060~13~ 1~02~01~PM~01:01:02 PM~13:01~02~"
                        + "13:01:02~6~08~09~6~08~02/29/20~13:01:02~20~2020~20~Feb~29~2~1~13~60~20~%",
                "2022-08-22T11:11:11 ! Mon~Monday~Aug~August~Mon Aug 22 11:11:11 2022~22~08/22/22~22~"
                        + "000000~2022-08-22~22~2022~11~11~234~11~11~08~11~AM~11:11:11 AM~11:11~11~11:11:11~1~"
                        + "34~34~1~34~08/22/22~11:11:11~22~2022~20~Aug~22~8~11~11~234~22~%",
            })
    void printsAsPythonDoes(LocalDateTime time, String expected) {
        Clock clock = Clock.fixed(time.toInstant(ZoneOffset.UTC), ZoneOffset.UTC);
        assertEquals(
                expected, Template.parse("{{ strftime_now('" + ALL + "') }}").render(Map.of(), clock));
    }
}
