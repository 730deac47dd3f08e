# Что люди читают на экране. $what — это "badge" или "card".

kiosk = Печать по требованию
language = Язык

idle-title = Приложите { $what ->
    [card] карту
   *[badge] пропуск
} к считывателю
idle-hint = Здесь появятся ваши задания печати.
idle-unknown = { $what ->
    [card] Эта карта нам неизвестна. Пожалуйста, попросите, чтобы её добавили.
   *[badge] Этот пропуск нам неизвестен. Пожалуйста, попросите, чтобы его добавили.
}
idle-not-now = Служба печати сейчас не отвечает. Повторите попытку через минуту.
idle-pick = Какой это экран?
idle-offline = Нет связи со службой печати. Пробуем снова…

secret-title = Подключение этого экрана
secret-hint = Введите секретный ключ киоска из вашей конфигурации. Он запрашивается один раз.
secret-label = Секретный ключ киоска
secret-wrong = Это не ключ киоска. Попробуйте ещё раз.
secret-wait = Слишком много неверных попыток. Подождите минуту.
secret-connect = Подключить

hello = Здравствуйте, { $name }
hello-nobody = Здравствуйте
done = Готово
back = Назад
print = Печать
print-elsewhere = Другой принтер
change = Изменить
change-of = Изменить { $title }
remove = Удалить
list-title = Ваши задания печати
list-empty = Нет ожидающих заданий печати.
list-empty-hint = Только что отправленное задание может появиться не сразу. Этот список обновляется сам.
list-asking = Ищем новые задания…
list-as-of = Universal Print не отвечает. Этот список обновлён: { $time }.
list-as-of-never = Universal Print не отвечает. Здесь могут быть не все задания.
list-progress = Печатается
list-ended = Завершено за последние 24 часа: { $count }
where-title = Где напечатать?
untitled = Задание печати { $number }

stage-arriving = Поступает
stage-waiting = Ожидает
stage-barred = Сейчас нельзя напечатать
stage-sending = Отправляется на принтер { $printer }
stage-checking = Уточняем у принтера { $printer }
stage-printing = Печатается на принтере { $printer }
stage-printing-sheets = { $count ->
    [one] Печатается на принтере { $printer }: пока { $count } лист
    [few] Печатается на принтере { $printer }: пока { $count } листа
    [many] Печатается на принтере { $printer }: пока { $count } листов
   *[other] Печатается на принтере { $printer }: пока { $count } листа
}
ended-completed = Напечатано
ended-canceled = Отменено
ended-redirected = Отправлено на другой принтер
ended-withdrawn = Удалено в Universal Print
ended-refused = Отклонено
ended-failed = Ошибка
ended-removed = Удалено

may-have-printed = Возможно, уже напечатано
may-have-printed-hint = Возможно, листы этого задания уже вышли. Сначала посмотрите у принтера. Если там ничего нет, напечатайте здесь ещё раз.
may-have-printed-again = Проверено: напечатать ещё раз

copies = Копии
fewer = Меньше
more = Больше
color = Цвет
color-color = В цвете
color-gray = Оттенки серого
sides = Стороны листа
sides-one = Одна сторона
sides-both = Обе стороны
pages = Страницы
pages-all = Все
pages-from = Со страницы
pages-to = По страницу
pages-some = Только эти
as-sent = Как отправлено
said-copies = { $count ->
    [one] { $count } копия
    [few] { $count } копии
    [many] { $count } копий
   *[other] { $count } копии
}

remove-title = Удалить это задание?
remove-hint = Оно не будет напечатано. Отменить удаление нельзя.
remove-yes = Да, удалить

session-title = Вы ещё здесь?
session-hint = Через несколько секунд ваши задания будут скрыты.
session-stay = Я ещё здесь

printer-ready = Готов
printer-busy = Печатает
printer-paper = Нет бумаги
printer-jam = Застряла бумага
printer-toner = Закончились чернила или тонер
printer-door = Открыта крышка
printer-full = Выходной лоток заполнен
printer-paused = Приостановлен
printer-help = Нужна помощь
printer-unreachable = Не отвечает
printer-unknown = Неизвестно
printer-neighbor = Принтер { $printer } готов.

notice-released = Отправлено на принтер { $printer }.
notice-removed = Задание удалено.
notice-changed = За это время что-то изменилось. Посмотрите список ещё раз, затем печатайте.
notice-may-have-printed = Возможно, листы этого задания уже вышли. Чтобы напечатать его ещё раз, откройте задание.
notice-not-waiting = Это задание больше не ожидает печати.
notice-barred = Это задание сейчас нельзя напечатать.
notice-must-stay-gray = Задание, отправленное в оттенках серого, здесь нельзя напечатать в цвете.
notice-no-such-printer = Этот принтер здесь не настроен.
notice-not-now = Сейчас не получилось. Пожалуйста, попробуйте ещё раз.
notice-nothing = Сначала выберите задание.
notice-over = Ваш сеанс завершён. Приложите { $what ->
    [card] карту
   *[badge] пропуск
} ещё раз.

reason-cloud-unreachable = Universal Print не отвечает. Продолжаем запрашивать.
reason-cloud-refused = Universal Print отклонил наш запрос. Мы продолжаем спрашивать.
reason-not-paused = Universal Print сообщает, что задание не ожидает печати. Запрашиваем ещё раз.
reason-configuration-refused = Universal Print не принял изменённые настройки. Попробуйте другие настройки.
reason-printer-unreachable = Принтер не ответил. Попробуйте другой принтер.
reason-printer-busy = Принтер был слишком занят. Попробуйте ещё раз или выберите другой принтер.
reason-printer-refused = Принтер не принял задание. Попробуйте другой принтер.
reason-printer-blocked = Принтер не смог напечатать. Попробуйте другой принтер.
reason-printer-distrusted = Принтер не смог подтвердить, что он тот самый. Попробуйте другой принтер.
reason-printer-login = Принтер не разрешил нам вход. Попробуйте другой принтер.
reason-printer-waking = Принтер выходит из спящего режима.
reason-waits-at-panel = Кто-то должен подойти к панели самого принтера.
reason-printer-aborted = Принтер прервал печать, и ничего не вышло. Напечатайте ещё раз.
reason-printer-trouble = Принтеру нужна помощь. Посмотрите на его экран.
reason-cannot-do = Этот принтер не может напечатать с такими настройками. Измените настройки или попробуйте другой принтер.
reason-format-not-taken = Этот принтер не печатает документы такого типа. Попробуйте другой принтер.
reason-document-late = Документ ещё не поступил. Повторите через минуту.
reason-no-such-printer = Этот принтер здесь больше не настроен.
reason-source-printer-has-device = Эта очередь не настроена для печати по требованию. Пожалуйста, сообщите администратору.
reason-other-daemon = Эту очередь обслуживает другая система печати по требованию. Пожалуйста, сообщите администратору.
reason-release-timed-out = Это заняло слишком много времени. Напечатайте ещё раз.
reason-report-refused = Задание напечатано. В Universal Print это ещё не отмечено.
reason-unconfirmed = Принтер не сообщил, всё ли он напечатал.
reason-redirect-refused = Universal Print не передал задание на этот принтер.
reason-failed-elsewhere = Другой принтер не напечатал задание.
reason-parts-missing = Части документа на бумаге могут выглядеть иначе.
reason-expires-soon = Задание скоро будет удалено. Напечатайте его сейчас.

abort-hold-expired = Задание не напечатали вовремя. Отправьте его ещё раз.
abort-format-refused = Эта очередь не печатает документы такого типа.
abort-format-not-taken = Ни один принтер здесь не печатает документы такого типа. Отправьте документ в формате PDF.
abort-empty-document = Документ был пуст. Отправьте его ещё раз.
abort-size-mismatch = Документ поступил повреждённым. Отправьте его ещё раз.
abort-conversion-failed = Не удалось подготовить документ для принтера. Отправьте его в формате PDF.
abort-too-large = Документ слишком велик для этой очереди.
abort-by-administrator = Администратор завершил задание: { $words }
abort-released = Напечатано.
abort-canceled-at-printer = Задание отменено на принтере.
abort-removed-by-owner = Вы удалили это задание.

sign-in = Войти без пропуска
sign-in-hint = Введите рабочий адрес электронной почты и PIN-код.
sign-in-user = Рабочий адрес эл. почты
sign-in-wrong = Адрес и PIN-код не подходят друг другу.
pin = PIN-код
pin-title = Введите PIN-код
pin-hint = Затем появятся ваши задания печати.
pin-wrong = Это не ваш PIN-код. Попробуйте ещё раз.
wrong-too-often = Слишком много неверных попыток. Подождите минуту.
erase = Стереть
enter = ОК
register = Зарегистрировать
register-title = Код активации
register-hint = Введите код, который вам дали для { $what ->
    [card] новой карты
   *[badge] нового пропуска
}.
register-code = Код активации
register-wrong = Этот код не подходит. Попробуйте ещё раз.
register-again = Приложите { $what ->
    [card] карту
   *[badge] пропуск
} к считывателю ещё раз
register-again-hint = После этого регистрация завершена.
register-changing = Это { $what ->
    [card] другая карта или карта, номер которой каждый раз меняется.
   *[badge] другой пропуск или пропуск, номер которого каждый раз меняется.
} Здесь так нельзя.

slip-title = { $what ->
    [card] Эта карта нам неизвестна
   *[badge] Этот пропуск нам неизвестен
}
slip-hint = Отнесите этот листок тому, кто отвечает здесь за печать, и назовите код. { $what ->
    [card] Карту запишут на вас, и по ней
   *[badge] Пропуск запишут на вас, и по нему
} будут печататься ваши задания. Код действует семь дней.

collect-list = Задания: { $name }
collect-for = Забрать задания других
collect-of = Забрать задания: { $name }
collect-empty = Забирать пока нечего.
notice-owners-alone = Это может сделать только отправитель задания.
