# Was Menschen an einem Bildschirm lesen. $what ist "badge" oder "card".

kiosk = Druckfreigabe
language = Sprache

idle-title = Halten Sie { $what ->
    [card] Ihre Karte
   *[badge] Ihren Ausweis
} an das Lesegerät
idle-hint = Ihre Druckaufträge erscheinen hier.
idle-unknown = { $what ->
    [card] Diese Karte
   *[badge] Diesen Ausweis
} kennen wir nicht. Bitte lassen Sie { $what ->
    [card] sie
   *[badge] ihn
} eintragen.
idle-not-now = Der Druckdienst antwortet gerade nicht. Bitte versuchen Sie es in einer Minute noch einmal.
idle-pick = Welcher Bildschirm ist das?
idle-offline = Keine Verbindung zum Druckdienst. Neuer Versuch…

secret-title = Diesen Bildschirm verbinden
secret-hint = Geben Sie den geheimen Kiosk-Schlüssel aus Ihrer Konfiguration ein. Er wird nur einmal abgefragt.
secret-label = Kiosk-Schlüssel
secret-wrong = Das ist nicht der Kiosk-Schlüssel. Versuchen Sie es noch einmal.
secret-wait = Zu viele Fehlversuche. Warten Sie eine Minute.
secret-connect = Verbinden

hello = Hallo { $name }
hello-nobody = Hallo
done = Fertig
back = Zurück
print = Drucken
print-elsewhere = Anderer Drucker
change = Ändern
change-of = { $title } ändern
remove = Entfernen
list-title = Ihre Druckaufträge
list-empty = Kein Druckauftrag wartet auf Sie.
list-empty-hint = Ein gerade gesendeter Auftrag kann einen Moment brauchen. Diese Liste aktualisiert sich von selbst.
list-asking = Neue Aufträge werden gesucht…
list-as-of = Universal Print antwortet nicht. Stand dieser Liste: { $time }.
list-as-of-never = Universal Print antwortet nicht. Hier können Aufträge fehlen.
list-progress = Wird gedruckt
list-ended = In den letzten 24 Stunden beendet: { $count }
where-title = Wo soll gedruckt werden?
untitled = Druckauftrag { $number }

stage-arriving = Kommt gerade an
stage-waiting = Wartet
stage-barred = Kann jetzt nicht gedruckt werden
stage-sending = Unterwegs zu { $printer }
stage-checking = Nachfrage bei { $printer }
stage-printing = Wird auf { $printer } gedruckt
stage-printing-sheets = { $count ->
    [one] Wird auf { $printer } gedruckt: bisher ein Blatt
   *[other] Wird auf { $printer } gedruckt: bisher { $count } Blatt
}
ended-completed = Gedruckt
ended-canceled = Abgebrochen
ended-redirected = An einen anderen Drucker gesendet
ended-withdrawn = In Universal Print entfernt
ended-refused = Abgelehnt
ended-failed = Fehlgeschlagen
ended-removed = Entfernt

may-have-printed = Vielleicht schon gedruckt
may-have-printed-hint = Vielleicht sind schon Blätter dieses Auftrags gedruckt. Sehen Sie zuerst am Drucker nach. Wenn dort nichts liegt, drucken Sie ihn hier noch einmal.
may-have-printed-again = Nachgesehen: noch einmal drucken

copies = Exemplare
fewer = Weniger
more = Mehr
color = Farbe
color-color = Farbe
color-gray = Graustufen
sides = Ein- oder beidseitig
sides-one = Einseitig
sides-both = Beidseitig
pages = Seiten
pages-all = Alle
pages-from = Von
pages-to = Bis
pages-some = Nur diese
as-sent = Wie gesendet
said-copies = { $count ->
    [one] Ein Exemplar
   *[other] { $count } Exemplare
}

remove-title = Diesen Auftrag entfernen?
remove-hint = Er wird nicht gedruckt. Das lässt sich nicht rückgängig machen.
remove-yes = Ja, entfernen

session-title = Sind Sie noch da?
session-hint = Ihre Aufträge werden in wenigen Sekunden ausgeblendet.
session-stay = Ich bin noch da

printer-ready = Bereit
printer-busy = Druckt
printer-paper = Kein Papier
printer-jam = Papierstau
printer-toner = Tinte oder Toner leer
printer-door = Eine Klappe ist offen
printer-full = Das Ausgabefach ist voll
printer-paused = Angehalten
printer-help = Braucht Hilfe
printer-unreachable = Antwortet nicht
printer-unknown = Unbekannt
printer-neighbor = { $printer } ist bereit.

notice-released = An { $printer } gesendet.
notice-removed = Der Auftrag ist entfernt.
notice-changed = Inzwischen hat sich etwas geändert. Sehen Sie die Liste noch einmal an und drucken Sie dann.
notice-may-have-printed = Vielleicht sind schon Blätter dieses Auftrags gedruckt. Öffnen Sie den Auftrag, um ihn noch einmal zu drucken.
notice-not-waiting = Dieser Auftrag wartet nicht mehr.
notice-barred = Dieser Auftrag kann jetzt nicht gedruckt werden.
notice-must-stay-gray = Ein in Graustufen gesendeter Auftrag bleibt hier in Graustufen.
notice-no-such-printer = Dieser Drucker ist hier nicht eingerichtet.
notice-not-now = Das hat gerade nicht geklappt. Bitte versuchen Sie es noch einmal.
notice-nothing = Wählen Sie zuerst einen Auftrag aus.
notice-over = Ihre Sitzung ist beendet. Bitte zeigen Sie { $what ->
    [card] Ihre Karte
   *[badge] Ihren Ausweis
} noch einmal.

reason-cloud-unreachable = Universal Print antwortet nicht. Wir fragen weiter nach.
reason-cloud-refused = Universal Print hat unsere Anfrage abgelehnt. Wir fragen weiter nach.
reason-not-paused = Universal Print meldet, dass der Auftrag nicht wartet. Wir fragen noch einmal nach.
reason-configuration-refused = Universal Print hat die geänderten Einstellungen abgelehnt. Versuchen Sie andere Einstellungen.
reason-printer-unreachable = Der Drucker hat nicht geantwortet. Versuchen Sie einen anderen Drucker.
reason-printer-busy = Der Drucker war ausgelastet. Versuchen Sie es noch einmal oder nehmen Sie einen anderen Drucker.
reason-printer-refused = Der Drucker hat den Auftrag abgelehnt. Versuchen Sie einen anderen Drucker.
reason-printer-blocked = Der Drucker konnte nicht drucken. Versuchen Sie einen anderen Drucker.
reason-printer-distrusted = Der Drucker konnte nicht nachweisen, dass er der richtige ist. Versuchen Sie einen anderen Drucker.
reason-printer-login = Der Drucker hat unsere Anmeldung abgelehnt. Versuchen Sie einen anderen Drucker.
reason-printer-waking = Der Drucker wacht gerade auf.
reason-waits-at-panel = Jemand muss etwas am Bedienfeld des Druckers selbst tun.
reason-printer-aborted = Der Drucker hat aufgegeben, und es kam nichts heraus. Drucken Sie noch einmal.
reason-printer-trouble = Der Drucker braucht Hilfe. Sehen Sie auf sein Display.
reason-cannot-do = Dieser Drucker kann das nicht wie gewünscht drucken. Ändern Sie die Einstellungen oder versuchen Sie einen anderen Drucker.
reason-format-not-taken = Dieser Drucker kann diese Art von Dokument nicht drucken. Versuchen Sie einen anderen Drucker.
reason-document-late = Das Dokument ist noch nicht da. Versuchen Sie es in einer Minute noch einmal.
reason-no-such-printer = Dieser Drucker ist hier nicht mehr eingerichtet.
reason-source-printer-has-device = Diese Warteschlange ist nicht für die Druckfreigabe eingerichtet. Bitte sagen Sie Ihrem Administrator Bescheid.
reason-other-daemon = Eine andere Druckfreigabe bedient diese Warteschlange. Bitte sagen Sie Ihrem Administrator Bescheid.
reason-release-timed-out = Es hat zu lange gedauert. Drucken Sie noch einmal.
reason-report-refused = Der Auftrag ist gedruckt. Universal Print hat das noch nicht vermerkt.
reason-unconfirmed = Der Drucker hat nicht gemeldet, ob er alles gedruckt hat.
reason-redirect-refused = Universal Print hat den Auftrag nicht an diesen Drucker übergeben.
reason-failed-elsewhere = Der andere Drucker hat den Auftrag nicht gedruckt.
reason-parts-missing = Teile des Dokuments sehen auf Papier vielleicht anders aus.
reason-expires-soon = Der Auftrag wird bald entfernt. Drucken Sie ihn jetzt.

abort-hold-expired = Der Auftrag wurde nicht rechtzeitig gedruckt. Senden Sie ihn noch einmal.
abort-format-refused = Diese Warteschlange druckt diese Art von Dokument nicht.
abort-format-not-taken = Kein Drucker hier kann diese Art von Dokument drucken. Senden Sie es als PDF.
abort-empty-document = Das Dokument war leer. Senden Sie es noch einmal.
abort-size-mismatch = Das Dokument kam beschädigt an. Senden Sie es noch einmal.
abort-conversion-failed = Das Dokument konnte nicht für den Drucker vorbereitet werden. Senden Sie es als PDF.
abort-too-large = Das Dokument ist zu groß für diese Warteschlange.
abort-by-administrator = Ein Administrator hat den Auftrag beendet: { $words }
abort-released = Gedruckt.
abort-canceled-at-printer = Der Auftrag wurde am Drucker abgebrochen.
abort-removed-by-owner = Sie haben den Auftrag entfernt.

sign-in = Ohne Ausweis anmelden
sign-in-hint = Geben Sie Ihre dienstliche E-Mail-Adresse und Ihre PIN ein.
sign-in-user = Dienstliche E-Mail-Adresse
sign-in-wrong = E-Mail-Adresse und PIN passen nicht zusammen.
pin = PIN
pin-title = Geben Sie Ihre PIN ein
pin-hint = Dann erscheinen Ihre Druckaufträge.
pin-wrong = Das ist nicht Ihre PIN. Versuchen Sie es noch einmal.
wrong-too-often = Zu viele falsche Versuche. Warten Sie eine Minute.
erase = Löschen
enter = OK
register = Registrieren
register-title = Aktivierungscode
register-hint = Geben Sie den Code ein, den Sie für { $what ->
    [card] Ihre neue Karte
   *[badge] Ihren neuen Ausweis
} bekommen haben.
register-code = Aktivierungscode
register-wrong = Dieser Code gilt nicht. Versuchen Sie es noch einmal.
register-again = Halten Sie { $what ->
    [card] die Karte
   *[badge] den Ausweis
} noch einmal an das Lesegerät
register-again-hint = Dann ist die Registrierung fertig.
register-changing = Das war { $what ->
    [card] eine andere Karte oder eine, die
   *[badge] ein anderer Ausweis oder einer, der
} jedes Mal eine andere Nummer meldet. Damit geht es hier nicht.

slip-title = { $what ->
    [card] Diese Karte
   *[badge] Diesen Ausweis
} kennen wir nicht
slip-hint = Bringen Sie diesen Zettel zu der Stelle, die sich hier um das Drucken kümmert, und nennen Sie den Code. Dort wird { $what ->
    [card] die Karte
   *[badge] der Ausweis
} für Sie eingetragen; danach kommen Ihre Druckaufträge heraus. Der Code gilt sieben Tage.

collect-list = Druckaufträge von { $name }
collect-for = Für andere abholen
collect-of = Abholen für { $name }
collect-empty = Es wartet nichts auf Abholung.
notice-owners-alone = Das kann nur die Person, die den Auftrag gesendet hat.
