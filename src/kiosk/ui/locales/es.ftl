# Lo que se lee en la pantalla. $what es "badge" o "card".

kiosk = Liberación de impresiones
language = Idioma

idle-title = Acerque su { $what ->
    [card] tarjeta
   *[badge] credencial
} al lector
idle-hint = Sus trabajos de impresión aparecerán aquí.
idle-unknown = No conocemos esta { $what ->
    [card] tarjeta
   *[badge] credencial
}. Por favor, pida que la registren.
idle-not-now = El servicio de impresión no responde en este momento. Inténtelo de nuevo en un minuto.
idle-pick = ¿Qué pantalla es esta?
idle-offline = Sin conexión con el servicio de impresión. Intentándolo de nuevo…

secret-title = Conectar esta pantalla
secret-hint = Escriba la clave secreta del quiosco que figura en su configuración. Solo se pide una vez.
secret-label = Clave secreta del quiosco
secret-wrong = Esa no es la clave secreta del quiosco. Inténtelo de nuevo.
secret-wait = Demasiados intentos fallidos. Espere un minuto.
secret-connect = Conectar

hello = Hola, { $name }
hello-nobody = Hola
done = Terminar
back = Volver
print = Imprimir
print-elsewhere = Otra impresora
change = Modificar
change-of = Modificar { $title }
remove = Eliminar
list-title = Sus trabajos de impresión
list-empty = No tiene ningún trabajo de impresión en espera.
list-empty-hint = Un trabajo recién enviado puede tardar un momento. Esta lista se actualiza sola.
list-asking = Buscando trabajos nuevos…
list-as-of = Universal Print no responde. Última actualización de esta lista: { $time }.
list-as-of-never = Universal Print no responde. Puede que aquí falten trabajos.
list-progress = Imprimiendo
list-ended = Terminados en las últimas 24 horas: { $count }
where-title = ¿Dónde quiere imprimir?
untitled = Trabajo de impresión { $number }

stage-arriving = Llegando
stage-waiting = En espera
stage-barred = No se puede imprimir ahora
stage-sending = En camino a { $printer }
stage-checking = Consultando a { $printer }
stage-printing = Imprimiendo en { $printer }
stage-printing-sheets = { $count ->
    [one] Imprimiendo en { $printer }: una hoja hasta ahora
   *[other] Imprimiendo en { $printer }: { $count } hojas hasta ahora
}
ended-completed = Impreso
ended-canceled = Cancelado
ended-redirected = Enviado a otra impresora
ended-withdrawn = Eliminado en Universal Print
ended-refused = Rechazado
ended-failed = Error
ended-removed = Eliminado

may-have-printed = Puede que ya esté impreso
may-have-printed-hint = Puede que ya hayan salido hojas de este trabajo. Mire primero en la impresora. Si no hay nada, imprímalo aquí de nuevo.
may-have-printed-again = Ya lo comprobé: imprimir de nuevo

copies = Copias
fewer = Menos
more = Más
color = Color
color-color = Color
color-gray = Escala de grises
sides = Caras
sides-one = Una cara
sides-both = Doble cara
pages = Páginas
pages-all = Todas
pages-from = Desde
pages-to = Hasta
pages-some = Solo estas
as-sent = Como se envió
said-copies = { $count ->
    [one] Una copia
   *[other] { $count } copias
}

remove-title = ¿Eliminar este trabajo?
remove-hint = No se imprimirá. Esta acción no se puede deshacer.
remove-yes = Sí, eliminar

session-title = ¿Sigue ahí?
session-hint = Sus trabajos se ocultarán en unos segundos.
session-stay = Sigo aquí

printer-ready = Lista
printer-busy = Imprimiendo
printer-paper = Sin papel
printer-jam = Atasco de papel
printer-toner = Sin tinta o tóner
printer-door = Hay una tapa abierta
printer-full = La bandeja de salida está llena
printer-paused = En pausa
printer-help = Necesita ayuda
printer-unreachable = No responde
printer-unknown = Desconocido
printer-neighbor = La impresora { $printer } está lista.

notice-released = Enviado a { $printer }.
notice-removed = El trabajo se ha eliminado.
notice-changed = Algo ha cambiado mientras tanto. Mire la lista otra vez y luego imprima.
notice-may-have-printed = Puede que ya hayan salido hojas de este trabajo. Abra el trabajo para imprimirlo de nuevo.
notice-not-waiting = Ese trabajo ya no está en espera.
notice-barred = Ese trabajo no se puede imprimir ahora.
notice-must-stay-gray = Un trabajo enviado en escala de grises se queda aquí en escala de grises.
notice-no-such-printer = Esa impresora no está configurada aquí.
notice-not-now = No ha funcionado. Inténtelo de nuevo, por favor.
notice-nothing = Elija primero un trabajo.
notice-over = Su sesión ha terminado. Acerque de nuevo su { $what ->
    [card] tarjeta
   *[badge] credencial
}.

reason-cloud-unreachable = Universal Print no responde. Seguimos consultando.
reason-cloud-refused = Universal Print ha rechazado nuestra consulta. Seguimos preguntando.
reason-not-paused = Universal Print indica que el trabajo no está en espera. Consultamos de nuevo.
reason-configuration-refused = Universal Print rechazó los ajustes cambiados. Pruebe otros ajustes.
reason-printer-unreachable = La impresora no respondió. Pruebe otra impresora.
reason-printer-busy = La impresora estaba demasiado ocupada. Inténtelo de nuevo o pruebe otra impresora.
reason-printer-refused = La impresora rechazó el trabajo. Pruebe otra impresora.
reason-printer-blocked = La impresora no pudo imprimir. Pruebe otra impresora.
reason-printer-distrusted = La impresora no pudo demostrar que es la correcta. Pruebe otra impresora.
reason-printer-login = La impresora no nos dio acceso. Pruebe otra impresora.
reason-printer-waking = La impresora se está activando.
reason-waits-at-panel = Alguien tiene que hacer algo en el panel de la propia impresora.
reason-printer-aborted = La impresora interrumpió la impresión y no salió nada. Imprímalo de nuevo.
reason-printer-trouble = La impresora necesita ayuda. Mire su pantalla.
reason-cannot-do = Esta impresora no puede imprimirlo como se pidió. Cambie los ajustes o pruebe otra impresora.
reason-format-not-taken = Esta impresora no puede imprimir este tipo de documento. Pruebe otra impresora.
reason-document-late = El documento aún no ha llegado. Inténtelo de nuevo en un minuto.
reason-no-such-printer = Esa impresora ya no está configurada aquí.
reason-source-printer-has-device = Esta cola no está configurada para la liberación de impresiones. Avise a su administrador, por favor.
reason-other-daemon = Otro servicio de liberación de impresiones atiende esta cola. Avise a su administrador, por favor.
reason-release-timed-out = Ha tardado demasiado. Imprímalo de nuevo.
reason-report-refused = Ya está impreso. Universal Print aún no lo ha registrado.
reason-unconfirmed = La impresora no indicó si lo imprimió todo.
reason-redirect-refused = Universal Print no pasó el trabajo a esa impresora.
reason-failed-elsewhere = La otra impresora no lo imprimió.
reason-parts-missing = Algunas partes del documento pueden verse distintas en papel.
reason-expires-soon = Se eliminará pronto. Imprímalo ahora.

abort-hold-expired = Nadie lo imprimió a tiempo. Envíelo de nuevo.
abort-format-refused = Esta cola no imprime este tipo de documento.
abort-format-not-taken = Ninguna impresora de aquí puede imprimir este tipo de documento. Envíelo como PDF.
abort-empty-document = El documento estaba vacío. Envíelo de nuevo.
abort-size-mismatch = El documento llegó dañado. Envíelo de nuevo.
abort-conversion-failed = No se pudo preparar el documento para la impresora. Envíelo como PDF.
abort-too-large = El documento es demasiado grande para esta cola.
abort-by-administrator = Un administrador lo finalizó: { $words }
abort-released = Impreso.
abort-canceled-at-printer = Se canceló en la impresora.
abort-removed-by-owner = Usted lo eliminó.

sign-in = Entrar sin credencial
sign-in-hint = Escriba su correo electrónico del trabajo y su PIN.
sign-in-user = Correo electrónico del trabajo
sign-in-wrong = El correo electrónico y el PIN no coinciden.
pin = PIN
pin-title = Escriba su PIN
pin-hint = Después aparecen sus trabajos de impresión.
pin-wrong = Ese no es su PIN. Inténtelo de nuevo.
wrong-too-often = Demasiados intentos fallidos. Espere un minuto.
erase = Borrar
enter = Aceptar
register = Registrar
register-title = Código de activación
register-hint = Escriba el código que recibió para su nueva { $what ->
    [card] tarjeta
   *[badge] credencial
}.
register-code = Código de activación
register-wrong = Ese código no es válido. Inténtelo de nuevo.
register-again = Acerque la { $what ->
    [card] tarjeta
   *[badge] credencial
} al lector otra vez
register-again-hint = Entonces queda registrada.
register-changing = Era otra { $what ->
    [card] tarjeta, o una tarjeta
   *[badge] credencial, o una credencial
} que cambia de número cada vez. No se puede usar aquí.

slip-title = No conocemos esta { $what ->
    [card] tarjeta
   *[badge] credencial
}
slip-hint = Lleve este papel a quien se ocupa aquí de la impresión y dígale este código. La { $what ->
    [card] tarjeta
   *[badge] credencial
} quedará registrada a su nombre y después imprimirá sus trabajos. El código sirve durante siete días.

collect-list = Trabajos de { $name }
collect-for = Recoger para otras personas
collect-of = Recoger para { $name }
collect-empty = No hay nada que recoger.
notice-owners-alone = Solo puede hacerlo quien envió el trabajo.
