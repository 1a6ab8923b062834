"""Who works at Harbor & Pine, and who its clients are."""

from billing.demo.people import Colleague, Customer, Person
from billing.tables.people import ClientStatus, Role

STAFF = (
    Colleague(
        key="priya",
        name="Priya Raman",
        title="Owner",
        role=Role.OWNER,
        phone="+12125550141",
        email="priya@harborandpine.example",
        topics=("estimates", "contracts", "disputes", "refunds", "complaints"),
    ),
    Colleague(
        key="tom",
        name="Tom Becker",
        title="Site manager",
        role=Role.MANAGER,
        phone="+12125550142",
        email="tom@harborandpine.example",
        topics=("schedule", "site", "crew", "deliveries", "keys", "changes"),
    ),
    Colleague(
        key="elena",
        name="Elena Ruiz",
        title="Office manager",
        role=Role.MANAGER,
        phone="+12125550143",
        email="elena@harborandpine.example",
        topics=("billing", "payments", "receipts", "payment plans", "paperwork", "spanish"),
        language="es",
    ),
    Colleague(
        key="sam",
        name="Sam Whitfield",
        title="Carpenter lead",
        role=Role.MEMBER,
        phone="+12125550144",
        email="sam@harborandpine.example",
        topics=("carpentry", "warranty", "materials", "finishes"),
    ),
)

SHARED_PHONE = "+12125550177"  # brother and sister, each a client, text from one phone

CLIENTS = (
    Customer(
        key="dana-lee",
        name="Dana Lee",
        since=-210,
        people=(
            Person("dana-lee", "Dana Lee", "en", "+12125550101", "dana.lee@mail.example", last_seen=-2),
        ),
        postal="214 Union Street, Brooklyn, NY 11231",
        manager="tom",
    ),
    Customer(
        key="okafor-dental",
        name="Okafor Dental",
        since=-420,
        people=(
            Person(
                "amara-okafor", "Amara Okafor", "en", "+12125550102", "amara@okafordental.example", "Owner",
                last_seen=-20,
            ),
            Person(
                "ben-okafor", "Ben Okafor", "en", "+12125550103", "ben@okafordental.example",
                "Practice manager", last_seen=-31,
            ),
        ),
        postal="88 Court Street, Suite 3, Brooklyn, NY 11201",
        manager="priya",
        company=True,
    ),
    Customer(
        key="marta-alvarez",
        name="M. Alvarez",
        since=-190,
        people=(
            Person(
                "marta-alvarez", "Marta Alvarez", "es", "+12125550104", "marta.alvarez@mail.example",
                last_seen=-12,
            ),
        ),
        postal="3120 43rd Street, Astoria, NY 11103",
        manager="elena",
    ),
    Customer(
        key="hudson-yoga",
        name="Hudson Yoga Studio",
        since=-330,
        people=(
            Person("nina-patel", "Nina Patel", "en", "+12125550105", "nina@hudsonyoga.example", "Owner",
                   last_seen=-70),
        ),
        postal="510 Hudson Street, New York, NY 10014",
        manager="priya",
        company=True,
    ),
    Customer(
        key="grace-kim",
        name="Grace Kim",
        since=-150,
        people=(Person("grace-kim", "Grace Kim", "en", "+12125550106", "grace.kim@mail.example"),),
        postal="61-20 Woodside Avenue, Woodside, NY 11377",
        manager="tom",
    ),
    Customer(
        key="omar-haddad",
        name="Omar Haddad",
        since=-120,
        people=(Person("omar-haddad", "Omar Haddad", "en", SHARED_PHONE, "omar.haddad@mail.example"),),
        postal="430 Henry Street, Apt 2, Brooklyn, NY 11201",
        manager="tom",
    ),
    Customer(
        key="leila-haddad",
        name="Leila Haddad",
        since=-80,
        people=(Person("leila-haddad", "Leila Haddad", "en", SHARED_PHONE, "leila.haddad@mail.example"),),
        postal="430 Henry Street, Apt 5, Brooklyn, NY 11201",
        manager="tom",
    ),
    Customer(
        key="panaderia-lopez",
        name="Panadería López",
        since=-240,
        people=(
            Person("rosa-lopez", "Rosa López", "es", "+12125550107", "rosa@panaderialopez.example", "Dueña"),
        ),
        postal="82-11 37th Avenue, Jackson Heights, NY 11372",
        manager="elena",
        company=True,
    ),
    Customer(
        key="brooklyn-book-barn",
        name="Brooklyn Book Barn",
        since=-95,
        people=(
            Person("henry-cole", "Henry Cole", "en", "+12125550108", "henry@bookbarn.example", "Manager"),
        ),
        postal="147 Atlantic Avenue, Brooklyn, NY 11201",
        manager="priya",
        company=True,
    ),
    Customer(
        key="chen-family",
        name="Mei and Robert Chen",
        since=-400,
        people=(
            Person("mei-chen", "Mei Chen", "en", "+12125550109", "mei.chen@mail.example"),
            Person("robert-chen", "Robert Chen", "en", "+12125550110", "robert.chen@mail.example"),
        ),
        postal="19 Garden Place, Brooklyn, NY 11201",
        manager="priya",
    ),
    Customer(
        key="anita-desai",
        name="Anita Desai",
        since=-140,
        people=(Person("anita-desai", "Anita Desai", "en", "+12125550111", "anita.desai@mail.example"),),
        postal="305 8th Street, Brooklyn, NY 11215",
        manager="elena",
    ),
    Customer(
        key="jack-sullivan",
        name="Jack Sullivan",
        since=-130,
        people=(Person("jack-sullivan", "Jack Sullivan", "en", "+12125550112", "jack.sullivan@mail.example"),),
        postal="77 Bay Ridge Parkway, Brooklyn, NY 11209",
        manager="elena",
    ),
    Customer(
        key="emily-tran",
        name="Emily Tran",
        since=-75,
        people=(Person("emily-tran", "Emily Tran", "en", "+12125550113", "emily.tran@mail.example"),),
        postal="226 Prospect Park West, Brooklyn, NY 11215",
        manager="tom",
    ),
    Customer(
        key="carlos-mendoza",
        name="Carlos Mendoza",
        since=-60,
        people=(
            Person("carlos-mendoza", "Carlos Mendoza", "es", "+12125550114", "carlos.mendoza@mail.example"),
        ),
        postal="40-05 Junction Boulevard, Corona, NY 11368",
        manager="elena",
    ),
    Customer(
        key="fiona-walsh",
        name="Fiona Walsh",
        since=-70,
        people=(Person("fiona-walsh", "Fiona Walsh", "en", "+12125550115", "fiona.walsh@mail.example"),),
        postal="118 Beach 91st Street, Rockaway Beach, NY 11693",
        manager="tom",
    ),
    Customer(
        key="greenpoint-cafe",
        name="Greenpoint Café",
        since=-160,
        people=(
            Person("sofia-nowak", "Sofia Nowak", "en", "+12125550116", "sofia@greenpointcafe.example", "Owner"),
        ),
        postal="91 Franklin Street, Brooklyn, NY 11222",
        manager="tom",
        company=True,
    ),
    Customer(
        key="red-hook-cooperative",
        name="Red Hook Waterfront Cooperative Association",
        since=-110,
        people=(
            Person("diane-foster", "Diane Foster", "en", "+12125550117", "board@redhookcoop.example",
                   "Board president"),
        ),
        postal="2 Van Dyke Street, Brooklyn, NY 11231",
        manager="priya",
        company=True,
    ),
    Customer(
        key="noah-brooks",
        name="Noah Brooks",
        since=-1,
        people=(
            Person("noah-brooks", "Noah Brooks", "en", "+12125550118", "noah.brooks@mail.example",
                   last_seen=-1),
        ),
        postal="",
        manager="priya",
        status=ClientStatus.LEAD,
    ),
)  # fmt: skip
